import * as fc from 'fast-check';
import { callerContext, type Caller } from '../../../core/evaluation/request-context.ts';
import { PolicyEvaluator, type NamedPolicy } from '../../../core/evaluation/policy-set.ts';
import { simulateRequest } from '../../../core/evaluation/simulate.ts';
import { permissionTo } from '../../../core/evaluation/permissions.ts';
import { simulationCases, simulationTables, type Statements } from '../../support/policy-cases.ts';
import { actionsOf, allowedBy, document as randomDocument } from '../../support/random-policies.ts';

const ACCOUNT = '111122223333';
const NOW = Date.parse('2026-11-23T04:00:00Z');
const policy = (name: string, statements: Statements | undefined): NamedPolicy[] =>
  statements === undefined
    ? []
    : [{ name, document: JSON.stringify({ Version: '2012-10-17', Statement: statements }) }];

const callerOf = (type: 'user' | 'role', tags: Readonly<Record<string, string>> = {}): Caller => ({
  arn: `arn:aws:iam::${ACCOUNT}:${type}/alice`,
  accountId: ACCOUNT,
  type,
  name: 'alice',
  principalId: 'AIDAALICE',
  tags,
  hasMfa: false,
  mayHaveSessionTags: false,
});

/** The tables that the emulated AWS's own evaluator is tested with. */
describe.each(simulationTables)('%s', (table) => {
  test.each(simulationCases(table).map((wanted) => [wanted.name, wanted] as const))('%s', (_name, wanted) => {
    const given = new Map(Object.entries(wanted.context ?? {}).map(([key, values]) => [key.toLowerCase(), values]));
    const caller = callerOf(wanted.principal ?? 'user', wanted.tags);
    const own = callerContext(caller, { id: 'unknown' }, NOW, (key) => given.get(key) ?? null);
    const policies = {
      identity: [
        ...policy('own', wanted.statements),
        ...policy('managed', wanted.managed),
        ...policy('group', wanted.group),
      ],
      boundary: policy('boundary', wanted.boundary)[0] ?? null,
      serviceControl: wanted.scps?.map((level) => level.flatMap((one) => policy('scp', one))) ?? null,
    };
    const resource = wanted.resource ?? '*';
    const result = simulateRequest(new PolicyEvaluator(), policies, wanted.action, resource, own);
    expect(result.decision).toBe(wanted.decision);
    if (wanted.byBoundary !== undefined) expect(result.allowedByBoundary).toBe(wanted.byBoundary);
    if (wanted.byOrganizations !== undefined) expect(result.allowedByOrganizations).toBe(wanted.byOrganizations);
    // With three answers: a decision that no key is missing for is certain.
    if (result.missingContext.length > 0) return;
    const request = { action: wanted.action, resource, partition: 'aws' };
    const { truth } = permissionTo(new PolicyEvaluator(), policies, request, own);
    expect(truth).toBe(wanted.decision === 'allowed');
  });
});

const requests = Object.entries(actionsOf).flatMap(([namespace, { tracked, others }]) =>
  [...tracked, ...others].flatMap((name) =>
    ['*', 'arn:aws:s3:::a', 'arn:aws:s3:::b', 'arn:aws:s3:::alice'].map((resource) => ({
      action: `${namespace}:${name}`,
      resource,
    })),
  ),
);

test('random policies are evaluated as by the emulated AWS', () => {
  let allowed = 0;
  let compared = 0;
  fc.assert(
    fc.property(fc.array(randomDocument, { minLength: 1, maxLength: 3 }), (documents) => {
      const emulated = allowedBy(documents);
      const identity = documents.map((one, n) => ({ name: `p${n}`, document: JSON.stringify(one) }));
      const evaluator = new PolicyEvaluator();
      for (const region of ['eu-west-1', 'us-east-1', null]) {
        const context = callerContext(callerOf('user'), { id: 'unknown' }, NOW, (key) => {
          if (key === 'aws:requestedregion') return region === null ? 'absent' : [region];
          if (key === 'aws:securetransport') return region === 'us-east-1' ? 'absent' : ['true'];
          return null;
        });
        for (const { action, resource } of requests) {
          const policies = { identity, boundary: null, serviceControl: null };
          const { decision } = simulateRequest(evaluator, policies, action, resource, context);
          const request = `${action} ${resource} ${region}`;
          compared += 1;
          if (decision === 'allowed') allowed += 1;
          expect([request, decision === 'allowed']).toEqual([request, emulated.has(request)]);
        }
      }
    }),
    { numRuns: 60 },
  );
  expect(allowed).toBeGreaterThan(1_000);
  expect(compared - allowed).toBeGreaterThan(1_000);
});
