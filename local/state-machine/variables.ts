import { checkBytes, jsonBytes, PAYLOAD_BYTES } from './payload.ts';

/** Step Functions quota for the total size of an execution's variables. */
const TOTAL_BYTES = 10 * 1024 * 1024;

/** The variables of one scope: an execution, a child of a Distributed Map, or an iteration of an inline Map. */
export class Variables {
  readonly #own = new Map<string, { readonly value: unknown; readonly bytes: number }>();
  readonly #outer: Variables | null;
  /** Total bytes in all scopes of the execution. */
  readonly #total: { bytes: number };

  private constructor(outer: Variables | null) {
    this.#outer = outer;
    this.#total = outer === null ? { bytes: 0 } : outer.#total;
  }

  static ofExecution(): Variables {
    return new Variables(null);
  }

  /** A new inner scope, which can read this one. */
  inner(): Variables {
    return new Variables(this);
  }

  /**
   * Assigns the values of one Assign field: all of them, or none on an error.
   * @throws StateFault States.DataLimitExceeded
   */
  assign(values: readonly (readonly [name: string, value: unknown])[]): void {
    const sized = values.map(([name, value]) => ({ name, value, bytes: jsonBytes(value) }));
    const added = sized.reduce((sum, { bytes }) => sum + bytes, 0);
    checkBytes(added, PAYLOAD_BYTES, 'an Assign');
    const replaced = sized.reduce((sum, { name }) => sum + (this.#own.get(name)?.bytes ?? 0), 0);
    checkBytes(this.#total.bytes + added - replaced, TOTAL_BYTES, 'all variables together');
    this.#total.bytes += added - replaced;
    for (const { name, value, bytes } of sized) this.#own.set(name, { value, bytes });
  }

  /** Deletes the variables of a scope that has ended. Their bytes no longer count towards the total. */
  deleteOwn(): void {
    for (const { bytes } of this.#own.values()) this.#total.bytes -= bytes;
    this.#own.clear();
  }

  all(): Record<string, unknown> {
    return { ...this.#outer?.all(), ...Object.fromEntries(this.own()) };
  }

  /** The variables of this scope alone. */
  own(): (readonly [name: string, value: unknown])[] {
    return [...this.#own].map(([name, { value }]) => [name, value] as const);
  }
}
