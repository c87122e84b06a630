/** Variables of one scope: an execution, a Distributed Map's child, or an iteration of an inline Map. */
export class Variables {
  readonly #own = new Map<string, unknown>();
  readonly #outer: Variables | null;

  /** @param outer the scope around an inline Map's iteration, which it reads */
  constructor(outer: Variables | null) {
    this.#outer = outer;
  }

  assign(name: string, value: unknown): void {
    this.#own.set(name, value);
  }

  all(): Record<string, unknown> {
    return { ...this.#outer?.all(), ...Object.fromEntries(this.#own) };
  }
}
