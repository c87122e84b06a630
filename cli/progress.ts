import { PartKind } from '../core/contract/account-objects.ts';
import type { ProgressEvent } from '../core/ports/services.ts';
import type { ExecutionEvent } from '../local/state-machine/execution-environment.ts';
import { LiveLine } from './live-line.ts';
import { isVerbose, say } from './output.ts';

const phases: Readonly<Record<string, string>> = {
  PlanRun: 'planning',
  WaitForTurn: 'waiting for the start time of the next account',
  InventoryAccount: 'reading the inventory',
  WaitForSlot: 'waiting for the start time of the next batch',
  AuditBatch: 'auditing',
  CoolDown: 'waiting before the next attempt',
  SummariseAccount: 'joining the evidence',
  OrganizationUse: 'reading which services the organization uses',
  WaitForReports: 'waiting before more reports of the organization are requested',
  SummariseRun: 'writing the report',
  ImportFindings: 'importing the findings into Security Hub',
};

export interface CallTotals {
  /** Requests sent so far, retries included. */
  readonly sent: number;
  readonly throttled: number;
}

/** The same by operation, such as `iam:SimulatePrincipalPolicy`. */
export type CallsSoFar = Readonly<Record<string, CallTotals>>;

/** The operations that are called for principals, in the order of the work, and the part of the evidence that each reads. */
const shownOperations = [
  ['iam:GenerateServiceLastAccessedDetails', 'lastAccessed'],
  ['iam:GetServiceLastAccessedDetails', 'lastAccessed'],
  ['iam:SimulatePrincipalPolicy', 'permissions'],
] as const satisfies readonly (readonly [string, PartKind])[];
const LONGEST_NAME = 34;

/** The current rate is the average over this time, in milliseconds. */
const RATE_WINDOW_MS = 5_000;
/** Below this share of the work an estimate of the time left would be too inaccurate. */
const MIN_SHARE_FOR_ESTIMATE = 0.02;
const BAR_CELLS = 20;

/** Computes the text of the progress line. Times are milliseconds. */
export class ProgressState {
  #phase = 'starting';
  #accounts = 0;
  #started = 0;
  #ended = 0;
  #failed = 0;
  #inventoried = 0;
  readonly #parts: Record<PartKind, number> = { lastAccessed: 0, permissions: 0 };
  readonly #settled: Record<PartKind, number> = { lastAccessed: 0, permissions: 0 };
  #auditingSince: number | null = null;
  /** While no account works: since when. The estimate of the time left does not count this time. */
  #coolingSince: number | null = null;
  #cooledMs = 0;
  readonly #rates = new Map<string, RecentRate>();

  entered(state: string, now: number): void {
    this.#phase = phases[state] ?? this.#phase;
    if (state === 'CoolDown') this.#coolingSince ??= now;
    else if (state === 'AuditBatch') this.#endCoolDown(now);
  }

  #endCoolDown(now: number): void {
    if (this.#coolingSince === null) return;
    this.#cooledMs += now - this.#coolingSince;
    this.#coolingSince = null;
  }

  /** Milliseconds of work so far. */
  #workedMs(now: number): number {
    const until = this.#coolingSince ?? now;
    return Math.max(0, until - (this.#auditingSince ?? until) - this.#cooledMs);
  }

  progressed(event: ProgressEvent, now: number): void {
    switch (event.kind) {
      case 'planned':
        this.#accounts = event.accounts;
        return;
      case 'inventoried':
        this.#inventoried += 1;
        for (const part of PartKind.options) this.#parts[part] += event.parts[part];
        this.#auditingSince ??= now;
        return;
      case 'accountStarted':
        this.#started += 1;
        return;
      case 'accountEnded':
        this.#ended += 1;
        if (event.status === 'FAILED') this.#failed += 1;
        return;
      case 'settled':
        this.#settled[event.part] += 1;
        // Another account works while one cools down.
        this.#endCoolDown(now);
        return;
    }
  }

  /** Share of the work that is done, from 0 to 1. An account not yet read is assumed to be as large as the average. */
  get share(): number {
    if (this.#inventoried === 0) return 0;
    const expected = PartKind.options.reduce((sum, part) => sum + this.#expected(part), 0);
    const settled = PartKind.options.reduce((sum, part) => sum + this.#settled[part], 0);
    return expected === 0 ? 1 : Math.min(1, settled / expected);
  }

  #expected(part: PartKind): number {
    if (this.#inventoried === 0) return 0;
    return (this.#parts[part] * Math.max(this.#accounts, this.#inventoried)) / this.#inventoried;
  }

  /** Milliseconds until the evidence is complete at the current pace; null while too little is done for an estimate. */
  remainingMs(now: number): number | null {
    const { share } = this;
    if (this.#auditingSince === null || share < MIN_SHARE_FOR_ESTIMATE) return null;
    return (this.#workedMs(now) * (1 - share)) / share;
  }

  /** An account's inventory may be retried, so there may be more starts than accounts. */
  #accountsInWords(): string {
    if (this.#started === 0) return this.#phase;
    if (this.#ended >= this.#accounts) return this.#phase;
    const running = Math.max(0, Math.min(this.#started, this.#accounts) - this.#ended);
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`;
    return `${this.#ended} of ${this.#accounts} accounts done, ${running} running${failed}`;
  }

  /**
   * Bar, phase or accounts, calls, current rate, time left. In a narrow terminal, the least important parts are shortened
   * or omitted: the share and the time left are always there.
   * @param width the most characters
   */
  line({ sent, throttled }: CallTotals, now: number, width = Infinity): string {
    const rate = this.#rate('', sent, now);
    const remainingMs = this.remainingMs(now);
    const share = `${String(Math.floor(this.share * 100)).padStart(3)} %`;
    const phase = this.#accounts > 1 ? this.#accountsInWords() : this.#phase;
    const left = remainingMs === null ? 'estimating…' : `${duration(remainingMs)} left`;
    const calls = `${sent} calls (${throttled} throttled)`;
    const fewCalls = throttled === 0 ? `${sent} calls` : `${sent} calls, ${throttled} thr.`;
    const perSecond = `${rate.toFixed(1)}/s`;
    const lines = [
      [`${this.#bar(BAR_CELLS)} ${share}`, phase, calls, perSecond, left],
      [`${this.#bar(BAR_CELLS / 2)} ${share}`, phase, calls, perSecond, left],
      [`${this.#bar(BAR_CELLS / 2)} ${share}`, phase, fewCalls, left],
      [share.trim(), phase, fewCalls, left],
      [share.trim(), phase, left],
    ].map((parts) => parts.join(' · '));
    const room = width - `${share.trim()} ·  · ${left}`.length;
    return (
      lines.find((line) => line.length <= width) ??
      (room > 1 ? `${share.trim()} · ${phase.slice(0, room - 1)}… · ${left}` : `${share.trim()} · ${left}`)
    );
  }

  #rate(operation: string, sent: number, now: number): number {
    const recent = this.#rates.get(operation) ?? new RecentRate();
    this.#rates.set(operation, recent);
    return recent.perSecond(sent, now);
  }

  /** The line, and one for each operation that is called for principals: rate, calls, throttled ones, time left. */
  lines(calls: CallsSoFar, now: number, width = Infinity): string[] {
    const all = Object.values(calls);
    const sum = (field: keyof CallTotals): number => all.reduce((total, one) => total + one[field], 0);
    const totals = { sent: sum('sent'), throttled: sum('throttled') };
    return [
      this.line(totals, now, width),
      ...shownOperations.flatMap(([operation, part]) => {
        const count = calls[operation];
        return count === undefined ? [] : [this.#operationLine(operation, part, count, now, width)];
      }),
    ];
  }

  #operationLine(
    operation: string,
    part: PartKind,
    { sent, throttled }: CallTotals,
    now: number,
    width: number,
  ): string {
    const rate = this.#rate(operation, sent, now);
    const left = this.#expected(part) - this.#settled[part];
    const done = this.#settled[part];
    const elapsed = this.#workedMs(now);
    const time =
      this.#inventoried === 0 || done === 0 ? '' : left <= 0 ? 'done' : `${duration((elapsed * left) / done)} left`;
    const name = operation.slice('iam:'.length);
    const cells = [
      name.padEnd(LONGEST_NAME),
      `${rate.toFixed(1)}/s`.padStart(7),
      `${sent} sent`.padStart(10),
      `${throttled} throttled`.padStart(12),
      time.padStart(10),
    ];
    const line = `  ${cells.join(' ')}`.trimEnd();
    if (line.length <= width) return line;
    return `  ${name} ${rate.toFixed(1)}/s, ${throttled} throttled`;
  }

  #bar(cells: number): string {
    const filled = Math.floor(this.share * cells);
    return `[${'#'.repeat(filled)}${'.'.repeat(cells - filled)}]`;
  }
}

/** The average rate over the last seconds. */
class RecentRate {
  readonly #samples: { readonly at: number; readonly sent: number }[] = [];

  /** @param now milliseconds */
  perSecond(sent: number, now: number): number {
    this.#samples.push({ at: now, sent });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > RATE_WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0] ?? { at: now, sent };
    return now > first.at ? ((sent - first.sent) * 1000) / (now - first.at) : 0;
  }
}

/** For example 45 s, 12 min, 3 h 20 min. */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Shows the progress: on a terminal lines that are updated in place, elsewhere one new line every 5 seconds. */
export class Progress {
  readonly #state = new ProgressState();
  readonly #line: LiveLine;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(
    out: NodeJS.WriteStream,
    private readonly calls: () => CallsSoFar,
  ) {
    this.#line = new LiveLine(out);
    const everyMs = out.isTTY ? 250 : 5_000;
    this.#timer = setInterval(() => {
      const lines = this.#state.lines(this.calls(), performance.now(), this.#line.width);
      this.#line.show(out.isTTY ? lines : lines.slice(0, 1));
    }, everyMs);
    this.#timer.unref();
  }

  event({ kind, path }: ExecutionEvent): void {
    if (kind === 'entered') this.#state.entered(path.split('/').at(-1) ?? '', performance.now());
    if (!isVerbose()) return;
    this.clear();
    say(`${duration(performance.now() - this.#startedAt)}: ${path} ${kind}`);
  }

  progressed(event: ProgressEvent): void {
    this.#state.progressed(event, performance.now());
  }

  /** Erases the progress line, so that a message can be written. */
  clear(): void {
    this.#line.clear();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.clear();
  }
}
