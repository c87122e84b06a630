import { AwsFault } from '../../../core/ports/aws-fault.ts';
import type { WorklistLine } from '../../../core/contract/account-objects.ts';
import { permissionsOf } from '../../../core/evidence/permissions.ts';
import { SimulationLimits } from '../../../core/evidence/simulation-requests.ts';
import type { IamReader, SimulatedDecision } from '../../../core/ports/iam.ts';

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
  resources: arns.map((arn) => ({
    arn,
    decision: arn === '*' ? 'implicitDeny' : 'allowed',
    allowedByBoundary: null,
    missingContext: [],
  })),
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
    ask: async (given: Partial<WorklistLine>) => {
      const line: WorklistLine = {
        arn: 'p',
        type: 'role',
        actions: [],
        ruledOut: 0,
        narrower: [],
        unaskable: [],
        asks: ['permissions'],
        group: null,
        ...given,
      };
      const before = calls;
      const outcome = await permissionsOf(line, tools);
      if (outcome.kind !== 'known') throw new Error('left for later');
      return { ...outcome, calls: calls - before };
    },
  };
}
const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `s3:Action${n}`);

test('a principal that AWS refuses to simulate fails after two calls, without effect on others', async () => {
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

test('an action that AWS refuses is found by halving, once per batch', async () => {
  const { ask } = simulator((_arn, actions) => {
    if (actions.includes('s3:Action7')) throw refusal('Invalid action');
    return actions.map((action) => decided(action, 'allowed'));
  });
  const first = await ask({ actions: names(32) });
  expect([first.part.status, first.part.decisions.length]).toEqual(['PARTIAL', 31]);
  expect(first.problems.map(({ message }) => message)).toEqual(['AWS refused to simulate s3:Action7: Invalid action']);
  // The action is requested alone for a second principal, once: then it counts as refused.
  const others = [await ask({ arn: 'q', actions: names(32) }), await ask({ arn: 'r', actions: names(32) })];
  expect(others.map(({ calls, problems }) => [calls, problems.length])).toEqual([
    [3, 1],
    [1, 1],
  ]);
});

test('an item that is refused for one principal only is still requested for the others', async () => {
  const { ask } = simulator((arn, actions, resources) => {
    if (arn === 'odd' && (actions.includes('s3:Action1') || resources.includes('arn:x'))) throw refusal('odd policy');
    return resources.length === 0
      ? actions.map((action) => decided(action))
      : actions.map((action) => on(action, resources));
  });
  const given = narrow(names(4), ['arn:x', 'arn:y']);
  expect((await ask({ arn: 'odd', ...given })).part.status).toBe('PARTIAL');
  const others = [await ask({ arn: 'q', ...given }), await ask({ arn: 'r', ...given })];
  expect(others.map(({ part, calls }) => [part.status, part.decisions.length, calls])).toEqual([
    ['COMPLETE', 4, 4],
    ['COMPLETE', 4, 1],
  ]);
  for (const { part } of others) expect(part.decisions.every(({ resources }) => resources.length === 2)).toBe(true);
});

test('after a request that was too large, later requests are smaller', async () => {
  const { ask, limits } = simulator((_arn, actions) => {
    if (actions.length > 20) throw refusal('Too many');
    return actions.map((action) => decided(action, 'allowed'));
  });
  expect((await ask({ actions: names(60) })).part.status).toBe('COMPLETE');
  expect(limits.maxActions).toBeLessThanOrEqual(20);
  expect((await ask({ actions: names(60) })).calls).toBe(Math.ceil(60 / limits.maxActions));
});

const narrow = (actions: string[], resources: string[]) => ({ actions, narrower: [{ actions, resources }] });

test('a refused resource needs a few calls, once per batch, and does not change requests for others', async () => {
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
  const second = await ask({ arn: 'q', ...narrow(names(8), [...arns, 'arn:bad']) });
  expect(second.calls).toBeLessThan(10);
  const third = await ask({ arn: 'r', ...narrow(names(8), [...arns, 'arn:bad']) });
  expect(third.calls).toBe(2);
  expect(third.problems.length).toBeGreaterThan(0);
  expect(limits.maxActions).toBe(500);
});

test('pairs without an answer from AWS are problems, never denials', async () => {
  const { ask } = simulator((_arn, actions, resources) =>
    resources.length === 0 ? actions.map((action) => decided(action)) : [on('s3:Action0', ['arn:a'])],
  );
  const { part, problems } = await ask(narrow(names(2), ['arn:a', 'arn:b']));
  expect(part.status).toBe('PARTIAL');
  expect(problems.map(({ message }) => message)).toEqual([
    'AWS returned no decision for s3:Action0 on arn:b.',
    'AWS returned no decision for s3:Action1 on arn:a, arn:b.',
  ]);
});

test('a decision keeps its missing context keys, also those of narrower resources, and its limits', async () => {
  const limits = { allowedByOrganizations: false, allowedByBoundary: true };
  const { ask } = simulator((_arn, actions, resources) =>
    actions.map((action) => ({
      ...decided(action),
      ...limits,
      missingContext: resources.length === 0 ? ['aws:a'] : [],
      resources: resources.map((arn) => ({
        arn,
        decision: 'allowed' as const,
        allowedByBoundary: true,
        missingContext: ['aws:a', 'aws:b'],
      })),
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

test('the upper and lower case of actions in answers does not matter', async () => {
  const { ask } = simulator((_arn, actions, resources) =>
    actions.map((action) => (resources.length === 0 ? decided(action) : on(action.toUpperCase(), resources))),
  );
  const { part } = await ask(narrow(names(1), ['arn:a']));
  expect([part.status, part.decisions[0]?.resources]).toEqual(['COMPLETE', [{ arn: 'arn:a', decision: 'allowed' }]]);
});

test('a resource that can’t be simulated is a problem if it could change a decision', async () => {
  const { ask } = simulator((_arn, actions) => actions.map((action) => decided(action)));
  const { part, problems } = await ask({ actions: names(1), unaskable: ['bucket/*'] });
  expect([part.status, problems[0]?.message]).toEqual([
    'PARTIAL',
    "An Allow statement names bucket/*, which can't be simulated, so it is not known what the statement grants.",
  ]);
});

describe('`*` and narrower resources in one request', () => {
  const narrow = { actions: ['a:X'], narrower: [{ actions: ['a:X'], resources: ['arn:x'] }] };
  const joint = (star: SimulatedDecision['decision'], organizations: boolean | null = null): SimulatedDecision => ({
    ...decided('a:X'),
    allowedByOrganizations: organizations,
    resources: [
      { arn: '*', decision: star, allowedByBoundary: null, missingContext: [] },
      { arn: 'arn:x', decision: 'allowed', allowedByBoundary: null, missingContext: [] },
    ],
  });
  const answering = (organizations: boolean | null) =>
    simulator((_arn, _actions, resources) => {
      if (resources.length === 2) return [joint('implicitDeny', organizations)];
      const answer = resources.length === 0 ? decided('a:X') : on('a:X', resources);
      return [{ ...answer, allowedByOrganizations: organizations }];
    });

  test('one call answers as much as two if no service control policies apply', async () => {
    const { ask } = answering(null);
    const apart = await ask(narrow);
    const joined = await ask(narrow);
    expect([apart.calls, joined.calls]).toEqual([2, 1]);
    expect(joined.part).toEqual(apart.part);
    expect(joined.part.decisions).toMatchObject([
      { decision: 'implicitDeny', resources: [{ arn: 'arn:x', decision: 'allowed' }] },
    ]);
  });

  test('a missing key that is named for the action and for no resource is missing on *', async () => {
    const { ask } = simulator((_arn, _actions, resources) => [
      {
        ...(resources.length === 0 ? decided('a:X') : on('a:X', resources)),
        missingContext: ['aws:multifactorauthpresent'],
      },
    ]);
    const apart = await ask(narrow);
    const joined = await ask(narrow);
    expect([apart.calls, joined.calls]).toEqual([2, 1]);
    expect(joined.part).toEqual(apart.part);
    expect(joined.part.decisions[0]?.missingContext).toEqual(['aws:multifactorauthpresent']);
  });

  test('within an organization, two requests are sent', async () => {
    const { ask } = answering(true);
    expect([(await ask(narrow)).calls, (await ask(narrow)).calls]).toEqual([2, 2]);
  });

  test('a refused joined request is sent as two, and after three refusals requests are no longer joined', async () => {
    const { ask } = simulator((_arn, _actions, resources) => {
      if (resources.length === 2) throw refusal('no *');
      return [resources.length === 0 ? decided('a:X') : on('a:X', resources)];
    });
    const calls: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { part, calls: sent } = await ask(narrow);
      expect(part.status).toBe('COMPLETE');
      calls.push(sent);
    }
    expect(calls).toEqual([2, 3, 3, 3, 2]);
  });

  test('an answer that says nothing about * is not used', async () => {
    const { ask } = simulator((_arn, _actions, resources) => {
      return [
        resources.length === 0
          ? decided('a:X')
          : on(
              'a:X',
              resources.filter((arn) => arn !== '*'),
            ),
      ];
    });
    expect([(await ask(narrow)).calls, (await ask(narrow)).calls, (await ask(narrow)).calls]).toEqual([2, 3, 2]);
  });
});
