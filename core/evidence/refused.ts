/**
 * What was refused alone, an action or a resource. It may be the one principal whose policies AWS does not take: of
 * everyone it is believed once a second one met the same, and until then it is asked alone.
 */
export class Refused {
  readonly #suspected = new Map<string, { readonly arn: string; readonly message: string }>();
  readonly #believed = new Map<string, string>();

  note(what: string, arn: string, message: string): void {
    const first = this.#suspected.get(what);
    if (first === undefined) this.#suspected.set(what, { arn, message });
    else if (first.arn !== arn) this.#believed.set(what, message);
  }

  /** Somebody had it answered: it was the other one that AWS did not take. */
  clear(taken: readonly string[]): void {
    if (this.#suspected.size === 0) return;
    for (const what of taken) this.#suspected.delete(what);
  }

  /** AWS's message, where asking for this principal would meet it; otherwise undefined. */
  message(what: string, arn: string): string | undefined {
    const first = this.#suspected.get(what);
    return this.#believed.get(what) ?? (first?.arn === arn ? first.message : undefined);
  }

  /** Whether a request with it may be refused. */
  mayBe(what: string): boolean {
    return this.#suspected.has(what) || this.#believed.has(what);
  }
}
