import { randomUUID } from 'node:crypto';
import type { ServiceError } from './service-error.ts';
import type { Session } from './sessions.ts';

/** A last-accessed report that somebody asked for. */
export interface LastAccessedJob {
  /** Of the user, role, group or policy that it is about. */
  readonly arn: string;
  readonly actionLevel: boolean;
  readonly createdAt: number;
  /** Milliseconds since the epoch: running before, at its end after. */
  readonly readyAt: number;
  readonly fails: boolean;
}

/**
 * Last-accessed jobs. Only who asked may read one: the same user, or the same session of a role (IAM API Reference,
 * GenerateServiceLastAccessedDetails).
 */
export class LastAccessedJobs {
  readonly #jobs = new Map<string, { readonly owner: string; readonly job: LastAccessedJob }>();

  /** @returns the JobId, 36 characters */
  add(session: Session, job: LastAccessedJob): string {
    const jobId = randomUUID();
    this.#jobs.set(jobId, { owner: ownerOf(session), job });
    return jobId;
  }

  /** Null also for the job of somebody else. */
  find(session: Session, jobId: string): LastAccessedJob | null {
    const found = this.#jobs.get(jobId);
    return found?.owner === ownerOf(session) ? found.job : null;
  }
}

const ownerOf = (session: Session): string => (session.kind === 'user' ? session.arn : session.accessKeyId);

/** How long IAM gives out the same credential report before it makes a new one (IAM User Guide). */
export const CREDENTIAL_REPORT_KEPT_MS = 4 * 3_600_000;

/** The credential report of one account: one at a time. */
export interface CredentialReport {
  /** Milliseconds since the epoch. */
  readonly readyAt: number;
  /** Made when it is first read. */
  csv: string | null;
}

/** Keeps the entries of listings that are being paged through, so that what changes meanwhile moves no page. */
export class Listings<Entry> {
  /** Enough for every account that is read at once; an older listing's marker ends as an invalid one. */
  static readonly KEPT = 64;
  readonly #listings = new Map<number, readonly Entry[]>();
  #last = 0;

  add(entries: readonly Entry[]): number {
    this.#last += 1;
    this.#listings.set(this.#last, entries);
    this.#listings.delete(this.#last - Listings.KEPT);
    return this.#last;
  }

  /** @throws the error given, where the listing is not kept (any more) */
  get(listing: number, unknown: ServiceError): readonly Entry[] {
    const entries = this.#listings.get(listing);
    if (entries === undefined) throw unknown;
    return entries;
  }
}
