import { AccountPrincipals } from '../../../../core/findings/escalation/account-principals.ts';
import { sourceOf } from '../../../../core/findings/escalation/escalation-outcome.ts';
import { escalationPaths } from '../../../../core/findings/escalation/escalation-paths.ts';
import type { RuleContext } from '../../../../core/findings/rule.ts';
import { escalationPath } from '../../../../core/findings/rules/permissions/escalation-path.ts';
import type { Decision, PrincipalRecord } from '../../../../core/contract/evidence.ts';
import { catalogue } from '../../../../core/catalogue/catalogue.ts';
import { principalRecord } from '../../../support/principal-record.ts';

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const services = [...new Set(escalationPaths.flatMap((path) => ('passedTo' in path ? path.passedTo : [])))];

function contextOf(records: readonly PrincipalRecord[]): RuleContext {
  const principals = new AccountPrincipals();
  for (const record of records) principals.add(record);
  return {
    now: Date.parse('2026-11-25T04:00:00.000Z'),
    graceDays: 30,
    unusedAfterDays: 90,
    principals,
    organizationId: null,
  };
}

/** A role that trusts all services and the account, a user (both administrators), and a role of Identity Center. */
const powerful = [
  principalRecord({
    name: 'powerful',
    allowed: ['*'],
    trust: [
      { principal: 'arn:aws:iam::111122223333:root' },
      ...services.map((principal) => ({ kind: 'service' as const, principal })),
      { kind: 'oidcProvider', principal: 'cognito-identity.amazonaws.com' },
    ],
  }),
  principalRecord({ type: 'user', name: 'powerful', allowed: ['*'] }),
  principalRecord({ name: 'sso', managedBy: 'identityCenter' }),
];

const pathsFound = (record: PrincipalRecord, context: RuleContext): string[] =>
  escalationPath.find(record, context).map(({ key }) => key);

const boundary = (action: string, decision: 'allowed' | 'implicitDeny'): Decision => ({
  action,
  decision,
  allowedByOrganizations: null,
  allowedByBoundary: decision === 'allowed',
  missingContext: [],
  resources: [],
});

test.each(escalationPaths.map((path) => [path.id, path] as const))(
  '%s is found if all its actions are allowed and it has a target, and never without one of its actions',
  (id, { actions, ...path }) => {
    const type = 'changes' in path && (path.changes === 'user' || path.changes === 'group') ? 'user' : 'role';
    const isOfUser = id === 'iam-delete-user-permissions-boundary';
    const context = contextOf([
      ...powerful,
      principalRecord({
        name: 'bounded',
        trust: [{ principal: '111122223333' }],
        decisions: [boundary('iam:CreateAccessKey', 'implicitDeny')],
      }),
    ]);
    const withheld = id.includes('boundary') ? [boundary('iam:PutUserPermissionsBoundary', 'implicitDeny')] : [];
    const able = (allowed: readonly string[]): PrincipalRecord =>
      principalRecord({
        type: isOfUser ? 'user' : type,
        name: 'sourceContext',
        decisions: [...allowed.map((action) => boundary(action, 'allowed')), ...withheld],
      });
    const found = pathsFound(able(actions), context);
    const isShorter = (one: string): boolean =>
      escalationPaths.some((other) => other.id === one && other.actions.every((action) => actions.includes(action)));
    expect(found).not.toEqual([]);
    expect(found.filter((one) => !isShorter(one))).toEqual([]);
    for (const left of actions) {
      expect(pathsFound(able(actions.filter((action) => action !== left)), context)).not.toContain(id);
    }
  },
);

test('for random permissions, a path is found only if all its actions are allowed', () => {
  const random = randomNumbers(20261125);
  const context = contextOf(powerful);
  let found = 0;
  for (let round = 0; round < 400; round += 1) {
    const share = random();
    const decisions = catalogue.flatMap(({ action }): Decision[] => {
      if (random() > share) return [];
      const kind = random();
      const base = boundary(action, 'implicitDeny');
      const unbounded = { ...base, allowedByBoundary: null };
      if (kind < 0.5) return [{ ...unbounded, decision: 'allowed' }];
      if (kind < 0.6) return [{ ...unbounded, missingContext: ['aws:SourceIp'] }];
      if (kind < 0.8) return [{ ...unbounded, resources: [{ arn: '*', decision: 'allowed' }] }];
      return [{ ...unbounded, decision: 'explicitDeny' }];
    });
    const record = principalRecord({ type: random() < 0.5 ? 'user' : 'role', name: 'sourceContext', decisions });
    const able = new Set(
      decisions.flatMap(({ action, decision, missingContext, resources }) =>
        decision === 'allowed' || missingContext.length > 0 || resources.length > 0 ? [action] : [],
      ),
    );
    const conditional = new Set(decisions.flatMap((one) => (one.missingContext.length > 0 ? [one.action] : [])));
    for (const { key, evidence } of escalationPath.find(record, context)) {
      const path = escalationPaths.find(({ id }) => id === key)!;
      found += 1;
      expect(path.actions.filter((action) => !able.has(action))).toEqual([]);
      expect(evidence['conditional']).toBe(path.actions.some((action) => conditional.has(action)));
    }
  }
  expect(found).toBeGreaterThan(1_000);
});

test('two principals with the same permissions are targets of each other, never of themselves', () => {
  const twins = ['a', 'b'].map((name) => principalRecord({ type: 'user', name, allowed: ['s3:GetObject'] }));
  const { targets } = contextOf(twins).principals;
  const query = { kind: 'users', on: [null] } as const;
  expect(twins.map((twin) => targets.reach(query, 'everything', null, sourceOf(twin))?.arns)).toEqual([
    ['arn:aws:iam::111122223333:user/b'],
    ['arn:aws:iam::111122223333:user/a'],
  ]);
});

test('a large account is checked in seconds', () => {
  const random = randomNumbers(7);
  // Roles are often created from templates, so many have the same permissions.
  const kinds = Array.from({ length: 150 }, () =>
    catalogue.flatMap(({ action }) => (random() < 0.3 ? [boundary(action, 'allowed')] : [])),
  );
  const records = Array.from({ length: 8_000 }, (_, index) =>
    principalRecord({
      name: `app-${index % 500}-${index}`,
      decisions: index % 8 === 0 ? (kinds[(index / 8) % kinds.length] ?? []) : [boundary('s3:GetObject', 'allowed')],
      trust: [
        { kind: 'service', principal: services[index % services.length] ?? '' },
        ...(index % 3 === 0 ? [{ principal: `arn:aws:iam::111122223333:role/app-${index % 500}-${index - 1}` }] : []),
        ...(index % 5 === 0 ? [{ principal: 'arn:aws:iam::111122223333:root' }] : []),
        ...(index % 50 === 0 ? [{ principal: '111122223333', unjudged: ['aws:SourceIp'] }] : []),
      ],
      allowedOn: { 'iam:PassRole': [`arn:aws:iam::111122223333:role/app-${index % 500}-*`] },
    }),
  );
  const context = contextOf(records);
  const started = performance.now();
  let found = 0;
  for (const record of records) found += escalationPath.find(record, context).length;
  expect(found).toBeGreaterThan(1_000);
  // About one second on an idle machine; checking every role for every path of every principal would take minutes.
  expect(performance.now() - started).toBeLessThan(15_000);
});
