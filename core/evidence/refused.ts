/**
 * Actions or resources that AWS refused in a separate request. The reason may be the principal's policies. So an item
 * counts as refused for all principals only after AWS refused it for a second principal. Until then it is requested
 * separately.
 */
export class Refused {
  readonly #suspected = new Map<string, { readonly arn: string; readonly message: string }>();
  readonly #confirmed = new Map<string, string>();

  add(item: string, arn: string, message: string): void {
    const first = this.#suspected.get(item);
    if (first === undefined) this.#suspected.set(item, { arn, message });
    else if (first.arn !== arn) this.#confirmed.set(item, message);
  }

  /** AWS accepted these items, so the earlier principal was the reason for the refusal. */
  clear(accepted: readonly string[]): void {
    if (this.#suspected.size === 0) return;
    for (const item of accepted) this.#suspected.delete(item);
  }

  /** AWS's message if a request for this principal would be refused; otherwise undefined. */
  message(item: string, arn: string): string | undefined {
    const first = this.#suspected.get(item);
    return this.#confirmed.get(item) ?? (first?.arn === arn ? first.message : undefined);
  }

  /** Whether a request with the item may be refused. */
  mayBeRefused(item: string): boolean {
    return this.#suspected.has(item) || this.#confirmed.has(item);
  }
}
