import { defaultSettings } from '../../core/contract/environment.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { AuditSettings, Services } from '../../core/ports/services.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import type { VirtualClock } from '../../local/virtual-clock.ts';
import { inVirtualTime } from '../../local/virtual-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const throttling = (): AwsFault => new AwsFault('throttled', 'Throttling', 'Rate exceeded');

/** The services that a pace keeper uses, with a store in a temporary folder. */
export function pacingServices(clock: VirtualClock | SettableClock, settings: Partial<AuditSettings> = {}): Services {
  const store = new FolderStore({ folder: temporaryFolder('pace') });
  return {
    store: inVirtualTime(store, clock instanceof SettableClock ? clock.right : clock),
    clock,
    random: seededRandom(1),
    warn: () => undefined,
    settings: { ...defaultSettings, ...settings },
  } as unknown as Services;
}

/** A clock of the same time that can be set back or forward, as an operator or a time server does it. */
export class SettableClock implements Clock {
  /** Milliseconds by which this clock is ahead of the right time. */
  aheadMs = 0;

  constructor(readonly right: VirtualClock) {}

  now(): number {
    return this.right.now() + this.aheadMs;
  }

  sleep(ms: number): Promise<void> {
    return this.right.sleep(ms);
  }
}

/** The largest number of times within any `windowMs`, from the time itself to just before its end. */
export function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0;
  let from = 0;
  times.forEach((time, index) => {
    while (times[from]! <= time - windowMs + 1e-6) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}
