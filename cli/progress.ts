import type { ExecutionEvent } from '../local/state-machine/execute.ts';

const phases: Readonly<Record<string, string>> = {
  PlanRun: 'planning',
  InventoryAccount: 'reading the inventory',
  WaitForSlot: 'waiting for the next slot',
  AuditBatch: 'auditing',
  CoolDown: 'cooling down',
  SummariseAccount: 'joining the evidence',
  SummariseRun: 'writing the report',
};

export interface Counted {
  /** Requests on the wire so far. */
  readonly sent: number;
  readonly throttled: number;
}

/** A live line on a terminal, a plain line now and then elsewhere. Times are real. */
export class Progress {
  #phase = 'starting';
  #last: { at: number; sent: number } = { at: performance.now(), sent: 0 };
  #rate = 0;
  readonly #timer: NodeJS.Timeout;
  #lastLine = '';

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly counted: () => Counted,
  ) {
    const everyMs = out.isTTY ? 250 : 5_000;
    this.#timer = setInterval(() => {
      this.#show();
    }, everyMs);
    this.#timer.unref();
  }

  event({ kind, path }: ExecutionEvent): void {
    const state = path.split('/').at(-1) ?? '';
    if (kind === 'entered') this.#phase = phases[state] ?? this.#phase;
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.out.isTTY) this.out.write('\r\u001b[2K');
  }

  #show(): void {
    const line = this.line();
    if (this.out.isTTY) this.out.write(`\r\u001b[2K${line}`);
    else if (line !== this.#lastLine) this.out.write(`${line}\n`);
    this.#lastLine = line;
  }

  /** Phase, calls, current rate. */
  line(): string {
    const { sent, throttled } = this.counted();
    const now = performance.now();
    const seconds = (now - this.#last.at) / 1000;
    if (seconds >= 1) {
      this.#rate = (sent - this.#last.sent) / seconds;
      this.#last = { at: now, sent };
    }
    const parts = [this.#phase, `${sent} calls (${throttled} throttled)`, `${this.#rate.toFixed(1)}/s`];
    return parts.join(' · ');
  }
}
