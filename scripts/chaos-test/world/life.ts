import type { Clock } from '../../../core/ports/clock.ts';

/** An error that Step Functions reports about a function. */
export class LambdaFault extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

/** The longest that Lambda runs a function, in milliseconds. */
export const TIMEOUT_MS = 900_000;

/** Where the process of an invocation ends: at this request, counted from 1, before it is sent or after its effect. */
export interface KillPoint {
  readonly request: number;
  readonly when: 'before' | 'after';
  /** The name of the error that Step Functions gets. */
  readonly error: string;
}

const never = (): Promise<never> => new Promise(() => undefined);

/**
 * The life of one invocation's process. After its end, nothing of the invocation has an effect: its requests are never
 * sent, and what it waits for never comes.
 */
export class Life {
  readonly deadline: number;
  /** Rejects when the process ends. */
  readonly ended: Promise<never>;
  #requests = 0;
  #isDead = false;
  #reject: (fault: LambdaFault) => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly killPoint: KillPoint | null,
    private readonly onKilled: () => void,
  ) {
    this.deadline = clock.now() + TIMEOUT_MS;
    this.ended = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.ended.catch(() => undefined);
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Call before each request. */
  async before(): Promise<void> {
    this.#requests += 1;
    if (this.#isAt('before')) this.#kill(this.killPoint?.error ?? '');
    await this.alive();
  }

  /** Call after each request had its effect. */
  async after(): Promise<void> {
    if (this.#isAt('after')) this.#kill(this.killPoint?.error ?? '');
    await this.alive();
  }

  /** Goes on only while the process lives. */
  async alive(): Promise<void> {
    if (!this.#isDead && this.clock.now() > this.deadline) this.#kill('Sandbox.Timedout');
    if (this.#isDead) await never();
  }

  #isAt(when: KillPoint['when']): boolean {
    return !this.#isDead && this.killPoint?.when === when && this.killPoint.request === this.#requests;
  }

  #kill(error: string): void {
    this.#isDead = true;
    this.onKilled();
    this.#reject(new LambdaFault(error, 'The process of the function has ended.'));
  }
}
