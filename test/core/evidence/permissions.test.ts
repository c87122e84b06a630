import { AwsFault } from '../../../core/aws-fault.ts';
import type { WorklistLine } from '../../../core/contract/account-objects.ts';
import { permissionsOf } from '../../../core/evidence/permissions.ts';
import { SimulationLimits } from '../../../core/evidence/simulation-requests.ts';
import type { IamReader, SimulatedDecision } from '../../../core/iam.ts';

type Answer = (arn: string, actions: readonly string[], resources: readonly string[]) => SimulatedDecision[];

const clock = { now: () => 0, sleep: () => Promise.resolve() };
const decided = (action: string, decision: SimulatedDecision['decision'] = 'implicitDeny'): SimulatedDecision => ({
  action,
  decision,
  allowedByOrganizations: null,
  allowedByBoundary: null,
  missingContext: [],
  resources: [],
});
const on = (action: string, arns: readonly string[]): SimulatedDecision => ({
  ...decided(action),
  resources: arns.map((arn) => ({ arn, decision: 'allowed', missingContext: [] })),
});
const refusal = (message: string): AwsFault => new AwsFault('refused', 'InvalidInput', message);

function simulator(answer: Answer) {
  let calls = 0;
  const simulationPage: IamReader['simulationPage'] = async (arn, actions, resources) => {
    calls += 1;
    return { decisions: answer(arn, actions, resources), marker: null };
  };
  const tools = {
    iam: { simulationPage } as IamReader,
    clock,
    simulate: <T>(send: () => Promise<T>) => send(),
    limits: new SimulationLimits(),
  };
  return {
    limits: tools.limits,
    ask: async (line: Partial<WorklistLine>) => {
      const before = calls;
      const outcome = await permissionsOf(
        { arn: 'p', type: 'role', actions: [], ruledOut: 0, narrower: [], unaskable: [], ...line },
        tools,
      );
      if (outcome.kind !== 'known') throw new Error('left for later');
      return { ...outcome, calls: calls - before };
    },
  };
}
const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `s3:Action${n}`);

test('a principal that AWS does not simulate at all fails alone, in two calls', async () => {
  const { ask } = simulator((arn, actions) => {
    if (arn === 'bad') throw refusal('Policy source is not valid');
    return actions.map((action) => decided(action, 'allowed'));
  });
  const bad = await ask({ arn: 'bad', actions: names(40) });
  expect([bad.part.status, bad.calls, bad.problems]).toEqual([
    'FAILED',
    2,
    [
      {
        step: 'permissions',
        code: 'InvalidInput',
        message: 'AWS does not simulate this principal: Policy source is not valid',
      },
    ],
  ]);
  const good = await ask({ arn: 'good', actions: names(40) });
  expect([good.part.status, good.part.decisions.length, good.calls]).toEqual(['COMPLETE', 40, 1]);
});

test('an action that AWS does not take is found by halving, once a batch', async () => {
  const { ask } = simulator((_arn, actions) => {
    if (actions.includes('s3:Action7')) throw refusal('Invalid action');
    return actions.map((action) => decided(action, 'allowed'));
  });
  const first = await ask({ actions: names(32) });
  expect([first.part.status, first.part.decisions.length]).toEqual(['PARTIAL', 31]);
  expect(first.problems.map(({ message }) => message)).toEqual(['AWS refused to simulate s3:Action7: Invalid action']);
  const second = await ask({ actions: names(32) });
  expect([second.calls, second.problems.length]).toEqual([1, 1]);
});

test('a request that was too large is learned from', async () => {
  const { ask, limits } = simulator((_arn, actions) => {
    if (actions.length > 20) throw refusal('Too many');
    return actions.map((action) => decided(action, 'allowed'));
  });
  expect((await ask({ actions: names(60) })).part.status).toBe('COMPLETE');
  expect(limits.maxActions).toBeLessThanOrEqual(20);
  expect((await ask({ actions: names(60) })).calls).toBe(Math.ceil(60 / limits.maxActions));
});

const narrow = (actions: string[], resources: string[]) => ({ actions, narrower: [{ actions, resources }] });

test('a refused resource costs a few calls, once a batch, and nothing that others learn from', async () => {
  const { ask, limits } = simulator((_arn, actions, resources) => {
    if (resources.includes('arn:bad')) throw refusal('Invalid resource');
    return resources.length === 0
      ? actions.map((action) => decided(action))
      : actions.map((action) => on(action, resources));
  });
  const arns = Array.from({ length: 9 }, (_, n) => `arn:${n}`);
  const first = await ask(narrow(names(8), [...arns, 'arn:bad']));
  expect(first.calls).toBeLessThan(30);
  expect(first.part.status).toBe('PARTIAL');
  expect(first.part.decisions.every(({ resources }) => resources.length === 9)).toBe(true);
  const second = await ask(narrow(names(8), [...arns, 'arn:bad']));
  expect(second.calls).toBe(2);
  expect(second.problems.length).toBeGreaterThan(0);
  expect(limits.maxActions).toBe(500);
});

test('pairs that AWS does not answer are said to be missing, never taken for a no', async () => {
  const { ask } = simulator((_arn, actions, resources) =>
    resources.length === 0 ? actions.map((action) => decided(action)) : [on('s3:Action0', ['arn:a'])],
  );
  const { part, problems } = await ask(narrow(names(2), ['arn:a', 'arn:b']));
  expect(part.status).toBe('PARTIAL');
  expect(problems.map(({ message }) => message)).toEqual([
    'AWS gave no decision on s3:Action0 on arn:b.',
    'AWS gave no decision on s3:Action1 on arn:a, arn:b.',
  ]);
});

test('keys that a decision misses stay with it, those of narrower resources too, and so does what limits it', async () => {
  const limits = { allowedByOrganizations: false, allowedByBoundary: true };
  const { ask } = simulator((_arn, actions, resources) =>
    actions.map((action) => ({
      ...decided(action),
      ...limits,
      missingContext: resources.length === 0 ? ['aws:a'] : [],
      resources: resources.map((arn) => ({ arn, decision: 'allowed' as const, missingContext: ['aws:a', 'aws:b'] })),
    })),
  );
  const { part } = await ask(narrow(names(1), ['arn:a']));
  expect(part.decisions).toEqual([
    {
      action: 's3:Action0',
      decision: 'implicitDeny',
      ...limits,
      missingContext: ['aws:a', 'aws:b'],
      resources: [{ arn: 'arn:a', decision: 'allowed' }],
    },
  ]);
});

test('the case in which AWS answers an action does not count', async () => {
  const { ask } = simulator((_arn, actions, resources) =>
    actions.map((action) => (resources.length === 0 ? decided(action) : on(action.toUpperCase(), resources))),
  );
  const { part } = await ask(narrow(names(1), ['arn:a']));
  expect([part.status, part.decisions[0]?.resources]).toEqual(['COMPLETE', [{ arn: 'arn:a', decision: 'allowed' }]]);
});

test('what can’t be asked for is said, where it could matter', async () => {
  const { ask } = simulator((_arn, actions) => actions.map((action) => decided(action)));
  const { part, problems } = await ask({ actions: names(1), unaskable: ['bucket/*'] });
  expect([part.status, problems[0]?.message]).toEqual([
    'PARTIAL',
    "An Allow names bucket/*, which can't be simulated: what it grants is not known.",
  ]);
});
