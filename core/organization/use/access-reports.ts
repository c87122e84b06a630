import type { ServiceOfEntity } from '../../contract/organization-use/organization-use.ts';
import type { FailureCause } from '../../contract/run.ts';
import { AwsFault, type FaultKind } from '../../ports/aws-fault.ts';
import { PageMarkers } from '../../ports/pages.ts';
import type { AccessReportPage, AccessReportReader } from '../../ports/organization-reader.ts';
import type { CallTiming } from '../organization-calls.ts';
import { CallPauses } from './call-pauses.ts';
import type { Entity } from './entities.ts';
import * as settings from './report-settings.ts';

/** The result for one entity: a report, or the reason why AWS made no report. */
export type EntityResult =
  | { readonly entity: Entity; readonly asOf: string; readonly services: readonly ServiceOfEntity[] }
  | { readonly entity: Entity; readonly problem: FailureCause };

export interface ReportsEnd {
  /** Entities without a result. */
  readonly left: readonly Entity[];
  /** Why AWS gives no reports at all; null if it does. */
  readonly refusal: FailureCause | null;
  /** Milliseconds since the epoch: when the rest may be asked for. */
  readonly resumeAt: number;
  /** Milliseconds that calls waited, by `iam:Operation`. */
  readonly waits: ReadonlyMap<string, number>;
}

type Waiting = Entity & { readonly path: string };

interface Job {
  readonly entity: Waiting;
  readonly jobId: string;
  readonly requestedAt: number;
  pollAt: number;
  pauseMs: number;
}

/** These faults are the same for every entity. */
const forAll: readonly FaultKind[] = ['denied', 'unauthenticated'];
/** A request that fails with one of these would fail again. Faults of other kinds may be gone at the next try. */
const permanent: readonly FaultKind[] = ['missing', 'refused', 'other'];

/**
 * Requests and reads reports of entities, one call after another, with few reports in generation at the same time.
 * Ends when every entity has a result, when the time is used up, or when AWS gives no reports at all.
 */
export class AccessReports {
  readonly #pauses: CallPauses;
  readonly #waiting: Waiting[];
  readonly #unplaced: readonly Entity[];
  readonly #jobs = new Set<Job>();
  readonly #tries = new Map<string, number>();
  #refusal: FailureCause | null = null;

  /** @param onResult called once for each entity with a result */
  constructor(
    entities: readonly Entity[],
    private readonly reader: AccessReportReader,
    private readonly timing: CallTiming,
    private readonly onResult: (result: EntityResult) => Promise<void>,
  ) {
    this.#pauses = new CallPauses(timing);
    this.#waiting = entities.filter(hasPath);
    this.#unplaced = entities.filter((entity) => !hasPath(entity));
  }

  async run(): Promise<ReportsEnd> {
    const { remainingMs } = this.timing;
    for (const entity of this.#unplaced) await this.onResult({ entity, problem: unknownPlace });
    while (this.#refusal === null && remainingMs() > settings.READ_UNTIL_MS) {
      const mayRequest = this.#mayRequest();
      if (!mayRequest && this.#jobs.size === 0) break;
      const job = this.#nextJob();
      // Reports that are due are read first, so that their places become free.
      const readsJob = job !== null && (!mayRequest || job.pollAt <= this.#pauses.requestAt);
      if (readsJob) await this.#read(job);
      else await this.#request();
    }
    const left = [...[...this.#jobs].map(({ entity }) => entity), ...this.#waiting];
    const { waits, exhausted } = this.#pauses;
    const now = this.timing.clock.now();
    const pause = exhausted ? settings.LONG_PAUSE_MS * (1 + this.timing.random()) : 0;
    return { left, refusal: this.#refusal, resumeAt: now + pause, waits };
  }

  #mayRequest(): boolean {
    const hasTime = this.timing.remainingMs() > settings.REQUEST_UNTIL_MS;
    return this.#waiting.length > 0 && this.#jobs.size < settings.REPORTS_AT_ONCE && hasTime && !this.#pauses.exhausted;
  }

  /** The report whose state is to be read next. */
  #nextJob(): Job | null {
    let next: Job | null = null;
    for (const job of this.#jobs) if (next === null || job.pollAt < next.pollAt) next = job;
    return next;
  }

  async #request(): Promise<void> {
    const entity = this.#waiting.shift();
    if (entity === undefined) return;
    try {
      if (!(await this.#pauses.before('iam:GenerateOrganizationsAccessReport', this.#pauses.requestAt))) {
        this.#waiting.unshift(entity);
        return;
      }
      const jobId = await this.reader.requestAccessReport(entity.path);
      this.#pauses.accepted();
      const requestedAt = this.timing.clock.now();
      const pauseMs = settings.FIRST_POLL_MS;
      this.#jobs.add({ entity, jobId, requestedAt, pollAt: requestedAt + pauseMs, pauseMs });
    } catch (error: unknown) {
      await this.#failed(entity, error, 'request');
    }
  }

  async #read(job: Job): Promise<void> {
    try {
      if (!(await this.#pauses.before('iam:GetOrganizationsAccessReport', job.pollAt))) return;
      const report = await this.#report(job);
      if (report === null) await this.#stillInProgress(job);
      else await this.#finish(job, report);
    } catch (error: unknown) {
      if (isLimit(error)) {
        job.pollAt = this.timing.clock.now() + this.#pauses.backoff();
        return;
      }
      this.#ended(job);
      await this.#failed(job.entity, error, 'read');
    }
  }

  /** All pages of a report; null while AWS generates it. @throws AwsFault, also if AWS could not generate it */
  async #report({ entity, jobId }: Job): Promise<EntityResult | null> {
    const services: ServiceOfEntity[] = [];
    const markers = new PageMarkers<string | null>('GetOrganizationsAccessReport');
    let marker: string | null = null;
    for (;;) {
      const page: AccessReportPage = await this.reader.accessReportPage(jobId, marker);
      if (page.status === 'IN_PROGRESS') return null;
      if (page.status === 'FAILED') throw new AwsFault('other', page.code, page.message);
      for (const service of page.services) services.push(service);
      if (page.marker === null) return { entity, asOf: page.completedAt, services };
      marker = markers.next(page.marker);
      await this.#pauses.before('iam:GetOrganizationsAccessReport', 0);
    }
  }

  async #stillInProgress(job: Job): Promise<void> {
    const now = this.timing.clock.now();
    if (now - job.requestedAt >= settings.REPORT_TIMEOUT_MS) {
      const message = `AWS did not finish the report within ${settings.REPORT_TIMEOUT_MS / 60_000} minutes.`;
      await this.#finish(job, { entity: job.entity, problem: { code: 'ReportTimeout', message } });
      return;
    }
    job.pauseMs = Math.min(settings.MAX_POLL_MS, job.pauseMs * 1.5);
    job.pollAt = now + job.pauseMs;
  }

  async #finish(job: Job, result: EntityResult): Promise<void> {
    this.#ended(job);
    await this.onResult(result);
  }

  #ended(job: Job): void {
    this.#jobs.delete(job);
    // One report less is in generation.
    this.#pauses.accepted();
  }

  /** A report could not be requested or read. It is asked for again, unless the next answer would be the same. */
  async #failed(entity: Waiting, error: unknown, at: 'request' | 'read'): Promise<void> {
    if (!(error instanceof AwsFault)) throw error;
    const { code, message, kind } = error;
    if (isLimit(error)) {
      this.#pauses.refused();
      this.#waiting.unshift(entity);
      return;
    }
    const isPermanent = at === 'request' && permanent.includes(kind);
    if (forAll.includes(kind) || (isPermanent && entity.kind === 'root')) {
      this.#refusal = { code, message };
      this.#waiting.unshift(entity);
      return;
    }
    const tries = (this.#tries.get(entity.id) ?? 0) + 1;
    this.#tries.set(entity.id, tries);
    if (!isPermanent && tries < settings.TRIES) this.#waiting.push(entity);
    else await this.onResult({ entity, problem: { code, message } });
  }
}

const hasPath = (entity: Entity): entity is Waiting => entity.path !== null;

/** Too many calls, or too many reports in generation. */
const isLimit = (error: unknown): boolean =>
  error instanceof AwsFault && (error.kind === 'throttled' || error.code === 'ReportGenerationLimitExceeded');

const unknownPlace: FailureCause = {
  code: 'UnknownUnit',
  message: 'Its place in the organization is not known, so its report can’t be requested.',
};
