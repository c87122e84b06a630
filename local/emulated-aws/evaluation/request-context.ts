import { literals } from './wildcards.ts';
import type { EmulatedAccount, EmulatedRole, EmulatedUser } from '../account.ts';

/** Context keys of a request. Their names are case-insensitive. */
export class RequestContext {
  readonly #values = new Map<string, readonly string[]>();
  readonly #readers = new Map<string, () => readonly string[] | undefined>();

  set(key: string, values: readonly string[]): void {
    this.#values.set(key.toLowerCase(), values);
  }

  /** Sets a key whose values are only read if a policy names the key. */
  setLater(key: string, read: () => readonly string[] | undefined): void {
    this.#readers.set(key.toLowerCase(), read);
  }

  get(key: string): readonly string[] | undefined {
    const name = key.toLowerCase();
    return this.#values.get(name) ?? this.#readers.get(name)?.();
  }
}

/** Context keys that the simulator fills in from the principal (IAM User Guide, "Global condition context keys"). */
export function principalContext(
  account: EmulatedAccount,
  principal: EmulatedUser | EmulatedRole,
  now: number,
): RequestContext {
  const context = new RequestContext();
  const isUser = 'groupNames' in principal;
  context.set('aws:PrincipalArn', [principal.arn]);
  context.set('aws:PrincipalAccount', [account.accountId]);
  context.set('aws:PrincipalType', [isUser ? 'User' : 'AssumedRole']);
  context.set('aws:CurrentTime', [new Date(now).toISOString()]);
  context.set('aws:EpochTime', [String(Math.floor(now / 1000))]);
  if (isUser) {
    context.set('aws:username', [principal.name]);
    context.set('aws:userid', [principal.id]);
  }
  for (const [key, value] of Object.entries(principal.tags)) context.set(`aws:PrincipalTag/${key}`, [value]);
  return context;
}

/** Replaces a pattern's policy variables. Returns null if a variable has no value, and adds its key to `missing`. */
export function substitute(pattern: string, context: RequestContext, missing: Set<string>): string | null {
  if (!pattern.includes('${')) return pattern;
  const unknown: string[] = [];
  const text = pattern.replace(/\$\{([^}]*)\}/g, (_whole, inner: string) => {
    if (inner === '*' || inner === '?' || inner === '$') return literals[inner] ?? inner;
    const [key = '', fallback] = inner.split(',').map((part) => part.trim());
    const value = context.get(key)?.[0] ?? fallback?.replace(/^'(.*)'$/, '$1');
    if (value !== undefined) return value;
    unknown.push(key);
    missing.add(key);
    return '';
  });
  return unknown.length === 0 ? text : null;
}
