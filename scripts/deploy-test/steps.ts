interface StepResult {
  readonly name: string;
  readonly seconds: number;
  /** The result of the step, in a few words. */
  readonly figures: string;
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

  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** A step whose work returns its result in words. @throws the error of the work, after the step's line is printed */
  async check(name: string, work: () => Promise<string>): Promise<void> {
    await this.step(name, work, (figures) => figures);
  }

  /** A step with a result. @throws the error of the work, after the step's line is printed */
  async step<T>(name: string, work: () => Promise<T>, figuresOf: (result: T) => string): Promise<T> {
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1000;
    try {
      const result = await work();
      const passed = { name, seconds: seconds(), figures: figuresOf(result) };
      this.#passed.push(passed);
      this.#print(`passed  ${name} (${passed.seconds.toFixed(1)} s): ${passed.figures}`);
      return result;
    } catch (error: unknown) {
      this.#failed += 1;
      this.#print(`FAILED  ${name} (${seconds().toFixed(1)} s)`);
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
