import type { AwsCredentialIdentity } from '@smithy/types';
import type { Clock } from '../core/ports/clock.ts';

/** Sessions of finished steps are removed first, so that the audit of a thousand accounts keeps its memory flat. */
const MOST_SESSIONS = 200;

interface Entry {
  readonly credentials: Promise<AwsCredentialIdentity>;
  /** Null while the request is in flight. */
  opened: AwsCredentialIdentity | null;
}

export interface CachedCredentials {
  readonly credentials: AwsCredentialIdentity;
  /** Whether this caller needed no request of its own. */
  readonly wasCached: boolean;
}

/**
 * Keeps credentials while they are valid long enough. Callers that want the same credentials at the same time share one
 * request, and its error.
 */
export class CredentialCache {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly clock: Clock) {}

  /** @param minimumMs how long the credentials must be valid. New credentials are returned even if they are valid for less. */
  async get(key: string, minimumMs: number, request: () => Promise<AwsCredentialIdentity>): Promise<CachedCredentials> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return { credentials: await this.#open(key, request), wasCached: false };
    const wasOpen = entry.opened !== null;
    const credentials = await entry.credentials;
    if (!wasOpen || this.#isValidFor(credentials, minimumMs)) return { credentials, wasCached: true };
    // Another caller may have renewed them in the meantime.
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    return this.get(key, minimumMs, request);
  }

  /** Removes the credentials, because AWS rejected them before they expired. Does nothing if they have been replaced. */
  discard(key: string, rejected: AwsCredentialIdentity): void {
    if (this.#entries.get(key)?.opened === rejected) this.#entries.delete(key);
  }

  async #open(key: string, request: () => Promise<AwsCredentialIdentity>): Promise<AwsCredentialIdentity> {
    const entry: Entry = { credentials: request(), opened: null };
    this.#entries.set(key, entry);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= MOST_SESSIONS) break;
      this.#entries.delete(oldest);
    }
    try {
      entry.opened = await entry.credentials;
      return entry.opened;
    } catch (error: unknown) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  #isValidFor({ expiration }: AwsCredentialIdentity, minimumMs: number): boolean {
    return expiration === undefined || expiration.getTime() - this.clock.now() >= minimumMs;
  }
}
