import type { AccountProgress, ExecutionState } from '../../aws/audit-executions.ts';
import { exitCodes, type ExitCode } from '../../cli/exit-codes.ts';
import { start } from '../../cli/start.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';
import { MemoryStore } from '../support/memory-store.ts';

/** The state machine of the fake deployment. A test sets what it answers while the run is followed. */
let states: ExecutionState[] = [];
/** How long it was waited before each answer, in milliseconds. */
let waits: number[] = [];
let accounts: () => Promise<AccountProgress | null> = () => Promise.resolve(null);

jest.mock('../../cli/deployed.ts', () => ({
  withDeployed: (_options: unknown, work: (deployed: unknown) => Promise<ExitCode>) =>
    work({
      store: new MemoryStore(),
      executions: {
        running: () => Promise.resolve([]),
        start: (name: string) => Promise.resolve({ arn: 'arn', name, startedAt: '2026-11-23T04:00:00.000Z' }),
        state: () => Promise.resolve(states.shift() ?? { kind: 'running' }),
        accounts: () => accounts(),
      },
    }),
}));
// Time stands still, so that no test waits until the next poll.
jest.mock('../../local/system-clock.ts', () => ({
  systemClock: {
    now: () => Date.parse('2026-11-23T04:00:00Z'),
    sleep: (ms: number) => {
      waits.push(ms);
      return Promise.resolve();
    },
  },
}));

let said: string;
beforeEach(() => {
  said = '';
  waits = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

const ended: ExecutionState = { kind: 'ended', status: 'ABORTED', error: null, cause: null, output: null };
const options = {
  wait: true,
  json: false,
  full: false,
  spreadOver: 0,
  accountId: [],
  principal: [],
} as unknown as Parameters<typeof start>[0];

test('a run whose progress AWS does not show is followed to its end', async () => {
  states = [{ kind: 'running' }, ended];
  accounts = () => Promise.reject(new AwsFault('denied', 'AccessDenied', 'states:ListMapRuns'));
  expect(await start(options)).toBe(exitCodes.failed);
  expect(said).toContain('planning · 0 s so far');
  expect(said).toContain('The run ended with status ABORTED');
});

test('an error that is not one of AWS ends the wait while progress is read, and the message says that the run continues', async () => {
  states = [{ kind: 'running' }, ended];
  accounts = () => Promise.reject(new TypeError('a programming error'));
  await expect(start(options)).rejects.toThrow('a programming error');
  expect(said).toContain('The run continues. Follow it: iam-audit status --run 20261123T040000Z-');
});

test('the state is asked for less and less often, but at least every 10 seconds', async () => {
  states = [...Array.from({ length: 8 }, (): ExecutionState => ({ kind: 'running' })), ended];
  accounts = () => Promise.resolve(null);
  await start(options);
  expect(waits.slice(0, 3)).toEqual([1_000, 1_500, 2_250]);
  expect(waits.slice(-2)).toEqual([10_000, 10_000]);
  expect([...waits].sort((a, b) => a - b)).toEqual(waits);
});
