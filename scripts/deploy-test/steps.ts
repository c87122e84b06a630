/** What a step found out, in a few words. It ends the step's line and the table's. */
type Figures = string;

interface StepResult {
  readonly name: string;
  readonly seconds: number;
  readonly figures: Figures;
}

/** A step's expectation that was not met. */
export class StepFailed extends Error {
  override name = 'StepFailed';
}

/** @throws StepFailed */
export function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new StepFailed(message);
}

/** @throws StepFailed when the values differ as JSON */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [shown, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  expect(shown === wanted, `${what}: expected ${wanted}, and was ${shown}.`);
}

/** Runs steps one after another and prints a line for each. */
export class Steps {
  readonly #passed: StepResult[] = [];
  #failed = 0;

  constructor(private readonly print: (line: string) => void) {}

  /** @throws whatever the work throws, after the step's line is printed */
  async step(name: string, work: () => Promise<Figures>): Promise<void> {
    const startedAt = performance.now();
    try {
      const figures = await work();
      const result = { name, seconds: (performance.now() - startedAt) / 1000, figures };
      this.#passed.push(result);
      this.print(`passed  ${name} (${result.seconds.toFixed(1)} s): ${figures}`);
    } catch (error: unknown) {
      this.#failed += 1;
      this.print(`FAILED  ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
      throw error;
    }
  }

  get counts(): { readonly passed: number; readonly failed: number } {
    return { passed: this.#passed.length, failed: this.#failed };
  }

  /** All steps that passed, as a Markdown table. */
  table(): string {
    const total = this.#passed.reduce((sum, { seconds }) => sum + seconds, 0);
    const rows = this.#passed.map(
      ({ name, seconds, figures }, index) => `| ${index + 1} | ${name} | ${seconds.toFixed(1)} | ${figures} |`,
    );
    return [
      '| step | | seconds | figures |',
      '| --- | --- | --- | --- |',
      ...rows,
      `| | total | ${total.toFixed(1)} | |`,
    ].join('\n');
  }
}
