import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { auditableAccount, HUB, START, VirtualAudit, withOwnPolicies } from '../support/virtual-audit.ts';
import { summariseInWords } from '../../core/report/summary.ts';
import { mostWithin } from '../support/paced-calls.ts';

jest.setTimeout(60_000);

let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

interface SpreadRun {
  readonly status: string;
  readonly throttled: number;
  /** Minutes until the last batch ended. */
  readonly minutes: number;
  /** Milliseconds after the start of the run at which each operation received its calls. */
  readonly times: ReadonlyMap<string, number[]>;
  readonly summary: string;
}

async function spreadRun(
  minutes: number,
  account = withOwnPolicies(auditableAccount(HUB, 120)),
  options: Partial<Parameters<typeof VirtualAudit.start>[0]> = {},
): Promise<SpreadRun> {
  const times = new Map<string, number[]>();
  const audited = await VirtualAudit.start(
    {
      accounts: [account],
      limit: { rate: 10, size: 20 },
      behaviour: { reportMs: [2_000, 6_000] },
      authorize: (_session, operation) => {
        times.set(operation, [...(times.get(operation) ?? []), audited.clock.now() - START]);
        return true;
      },
      ...options,
    },
    { principalsPerBatch: 1_000 },
  );
  audit = audited;
  await audited.run({ accountIds: [HUB], spreadOverMinutes: minutes });
  const run = await audited.lastRun();
  const { status, calls, spread } = run;
  return {
    status,
    throttled: Object.values(calls).reduce((sum, { throttled }) => sum + throttled, 0),
    minutes: spread!.tookMinutes!,
    summary: summariseInWords(run).join(),
    times,
  };
}

const operations = [
  'iam:GenerateServiceLastAccessedDetails',
  'iam:GetServiceLastAccessedDetails',
  'iam:SimulatePrincipalPolicy',
];

/** The share of an operation's calls in each tenth of the window, times ten: 1 everywhere if they are spread evenly. */
function evenness(times: readonly number[], minutes: number): number[] {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const time of times) tenths[Math.min(9, Math.floor((10 * time) / (minutes * 60_000)))]! += 1;
  return tenths.map((count) => (10 * count) / times.length);
}

test.each([2, 10, 60, 600])(
  'the calls of a run with a window of %i minutes are spread over it, without bursts',
  async (minutes) => {
    const run = await spreadRun(minutes);
    expect(run).toMatchObject({ status: 'COMPLETE', throttled: 0 });
    expect(run.minutes / minutes).toBeGreaterThan(0.85);
    expect(run.minutes / minutes).toBeLessThan(1.05);
    expect(run.summary).not.toContain('too short');
    for (const operation of operations) {
      const times = run.times.get(operation)!;
      const tenths = evenness(times, minutes);
      // In the last tenth of a short window no principal is started.
      expect(Math.min(...tenths.slice(0, 9))).toBeGreaterThan(0.5);
      expect(Math.max(...tenths)).toBeLessThan(1.6);
      // At most two calls a second, or twice the mean rate.
      const mean = times.length / (minutes * 60);
      expect(mostWithin(times, 5_000) / 5).toBeLessThanOrEqual(Math.max(2, 2 * mean));
    }
  },
);

test('decisions that are shared: the calls that are left are spread over the window', async () => {
  const minutes = 10;
  const run = await spreadRun(minutes, auditableAccount(HUB, 120));
  const times = run.times.get('iam:SimulatePrincipalPolicy')!;
  expect(times.length).toBeLessThan(100);
  expect(Math.min(...evenness(times, minutes).slice(0, 9))).toBeGreaterThan(0.3);
  expect(Math.max(...evenness(times, minutes))).toBeLessThan(2.5);
});

test('service control policies prevent sharing: all calls are spread over the window', async () => {
  const minutes = 10;
  const account = auditableAccount(HUB, 120);
  const full = policy(allow('*', '*'));
  account.serviceControlPolicies = [[full], [full]];
  const { status, times } = await spreadRun(minutes, account);
  expect(status).toBe('COMPLETE');
  const simulations = times.get('iam:SimulatePrincipalPolicy')!;
  expect(simulations.length).toBeGreaterThanOrEqual(100);
  expect(Math.min(...evenness(simulations, minutes).slice(0, 9))).toBeGreaterThan(0.5);
  expect(Math.max(...evenness(simulations, minutes))).toBeLessThan(1.6);
});

test('an attempt that ends early leaves the rest of its window to the next one', async () => {
  // The function stops after 15 minutes: a run of 15 minutes that starts late needs a second attempt.
  const run = await spreadRun(15);
  expect(run.status).toBe('COMPLETE');
  expect(run.minutes).toBeLessThan(15.5);
  expect(Math.min(...evenness(run.times.get('iam:SimulatePrincipalPolicy')!, 15).slice(0, 9))).toBeGreaterThan(0.5);
});

test('if the window is too short for the rate that IAM allows, the calls are sent at that rate', async () => {
  const run = await spreadRun(2, withOwnPolicies(auditableAccount(HUB, 240)), { limit: { rate: 1, size: 20 } });
  expect(run.status).toBe('COMPLETE');
  expect(run.minutes).toBeLessThan((1.25 * 241) / 60);
});
