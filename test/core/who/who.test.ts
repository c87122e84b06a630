import * as fc from 'fast-check';
import type { Decision } from '../../../core/contract/evidence.ts';
import { answerOf, type Answer } from '../../../core/who/answer.ts';
import { AccountAccess } from '../../../core/access/account-access.ts';
import { nodeOf, TextNumbers } from '../../../core/access/node.ts';
import type { StoredPolicies } from '../../../core/policies/read-policies.ts';
import { evaluateQuestion } from '../../../core/who/evaluate-question.ts';
import type { EvaluatedAnswer, Question } from '../../../core/who/question.ts';
import { principalRecord, type RecordSketch } from '../../support/principal-record.ts';
import { allowedBy, document } from '../../support/random-policies.ts';

const ARN = 'arn:aws:iam::111122223333:role/r';
type Statements = readonly Readonly<Record<string, unknown>>[];
const text = (Statement: Statements): string => JSON.stringify({ Version: '2012-10-17', Statement });
const held = (statements: Statements | null, boundary?: Statements | null) => ({
  arn: ARN,
  policies: [
    { kind: 'inline' as const, name: 'own', group: null, document: statements === null ? null : text(statements) },
  ],
  boundary:
    boundary === undefined ? null : { arn: 'arn:boundary', document: boundary === null ? null : text(boundary) },
  groups: [],
  trust: null,
  instanceProfiles: null,
});
/** The answer for a principal whose simulation says nothing. */
function evaluated(stored: StoredPolicies, question: Question, sketch: RecordSketch = { name: 'r' }): EvaluatedAnswer {
  const record = principalRecord({ permissionsStatus: 'PARTIAL', ...sketch });
  const node = nodeOf(record, stored, new TextNumbers());
  const facts = {
    accountId: record.accountId,
    partition: 'aws',
    now: 0,
    organization: { id: 'unknown' },
    isManagementAccount: null,
    serviceControl: null,
  } as const;
  return evaluateQuestion(new AccountAccess(facts, [node], new Map(), new Map()), node, question);
}

const allow = (Action: string, Resource: unknown = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: string, Resource: unknown = '*', more: object = {}) => ({
  Effect: 'Deny',
  Action,
  Resource,
  ...more,
});
const mfa = { Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } };

describe('any resource, where a Deny names ARNs', () => {
  const ask = (action: string, statements: Statements, resourceTypes?: readonly string[]): string =>
    evaluated(held(statements), { action, resource: null, ...(resourceTypes === undefined ? {} : { resourceTypes }) })
      .kind;
  const create = 'lambda:CreateFunction';
  const functions = 'arn:aws:lambda:*:*:function:*';

  test('every resource that the Allow covers is denied', () => {
    expect(ask(create, [allow(create), deny(create, functions)])).toBe('notGranted');
    expect(ask(create, [allow(create), deny(create, 'arn:aws:lambda:*:*:*')])).toBe('notGranted');
    expect(ask(create, [allow(create), deny(create, 'arn:aws:lambda:*:*:function:prod-*')])).toBe('granted');
    expect(ask(create, [allow(create), deny(create, 'arn:aws:lambda:*:*:function:x*')])).toBe('granted');
    expect(ask(create, [allow(create), deny(create, 'arn:aws:lambda:eu-*:*:function:*')])).toBe('granted');
    const most = ['us-', 'eu-', 'ap-'].map((region) => `arn:aws:lambda:${region}*:*:function:*`);
    expect(ask(create, [allow(create), deny(create, most)])).toBe('granted');
    expect(ask(create, [allow(create), deny(create, 'arn:aws:lambda:*:*:layer:*')])).toBe('granted');
    expect(ask(create, [allow(create, 'arn:aws:lambda:*:*:function:a-*'), deny(create, functions)])).toBe('notGranted');
    const except = { Effect: 'Deny', Action: create, NotResource: 'arn:aws:lambda:*:*:function:dev-*' };
    expect(ask(create, [allow(create), except])).toBe('granted');
  });

  test('one of the types that a request needs is denied', () => {
    expect(ask('ec2:RunInstances', [allow('ec2:*'), deny('ec2:*', 'arn:aws:ec2:*::image/*')])).toBe('notGranted');
    expect(ask('ec2:RunInstances', [allow('ec2:*'), deny('ec2:*', 'arn:aws:ec2:*:*:volume/*')])).toBe('granted');
  });

  test('an action outside the catalogue, if its types are given', () => {
    const objects = ['arn:*:s3:::*/*'];
    const statements = [allow('s3:*'), deny('s3:*', 'arn:aws:s3:::*')];
    expect(ask('s3:GetObject', statements, objects)).toBe('notGranted');
    expect(ask('s3:GetObject', statements)).toBe('granted');
    expect(ask('s3:GetObject', [allow('s3:*'), deny('s3:*', 'arn:aws:s3:::logs/*')], objects)).toBe('granted');
  });

  test('a simulation of * does not see it', () => {
    const record = principalRecord({ name: 'r', allowed: [create] });
    const question = { action: create, resource: null };
    expect(answerOf(record, { kind: 'notGranted' }, question, true)).toEqual({ kind: 'cannot' });
    expect(answerOf(record, null, question, true)).toMatchObject({ kind: 'can' });
  });
});

describe('evaluated policies', () => {
  const granted: EvaluatedAnswer = {
    kind: 'granted',
    grounds: [{ policy: 'inline policy own', statement: 'statement 1' }],
    resources: null,
    conditions: [],
  };
  test.each<[string, Parameters<typeof held>, string | null, Partial<EvaluatedAnswer>]>([
    ['an Allow matches the action, in any letter case', [[allow('S3:getobject')]], null, granted],
    [
      'a statement is named by its Sid',
      [[allow('s3:*', '*', { Sid: 'Read' })]],
      null,
      { grounds: [{ policy: 'inline policy own', statement: 'Read' }] },
    ],
    [
      'a NotAction does not exclude the action',
      [[{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }]],
      null,
      granted,
    ],
    ['no Allow matches the action', [[allow('s3:Put*')]], null, { kind: 'notGranted' }],
    ['an Allow for some resources', [[allow('s3:*', ['b', 'a'])]], null, { ...granted, resources: ['a', 'b'] }],
    ['an Allow under a condition', [[allow('s3:*', '*', mfa)]], null, { conditions: ['aws:multifactorauthpresent'] }],
    ['a Deny for all resources removes the grant', [[allow('s3:*'), deny('s3:Get*')]], null, { kind: 'notGranted' }],
    ['a Deny for some resources keeps the grant for others', [[allow('s3:*'), deny('s3:Get*', 'a')]], null, granted],
    [
      'a Deny under a condition adds the condition',
      [[allow('s3:*'), deny('s3:*', '*', mfa)]],
      null,
      { conditions: ['aws:multifactorauthpresent'] },
    ],
    ['an Allow for the resource', [[allow('s3:*', 'arn:aws:s3:::a/*')]], 'arn:aws:s3:::a/x', granted],
    [
      'an Allow for another resource',
      [[allow('s3:*', 'arn:aws:s3:::a/*')]],
      'arn:aws:s3:::b/x',
      { kind: 'notGranted' },
    ],
    [
      'a variable that a role does not have matches nothing',
      [[allow('s3:*', 'arn:aws:s3:::${aws:username}/*')]],
      'arn:aws:s3:::b/x',
      { kind: 'notGranted' },
    ],
    [
      'a NotResource excludes the resource',
      [[{ Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::b/*' }]],
      'arn:aws:s3:::b/x',
      { kind: 'notGranted' },
    ],
    [
      'a Deny for the resource',
      [[allow('s3:*'), deny('s3:*', 'arn:aws:s3:::b/*')]],
      'arn:aws:s3:::b/x',
      { kind: 'notGranted' },
    ],
    [
      'a Deny with a variable that a role does not have denies nothing',
      [[allow('s3:*'), deny('s3:*', 'arn:aws:s3:::${aws:username}/*')]],
      'arn:aws:s3:::b/x',
      granted,
    ],
    ['the boundary allows the action', [[allow('s3:*')], [allow('s3:Get*')]], null, granted],
    ['the boundary does not allow the action', [[allow('s3:*')], [allow('s3:Put*')]], null, { kind: 'notGranted' }],
    [
      'a boundary that is not known',
      [[allow('s3:*')], null],
      null,
      { conditions: ['the content of permissions boundary arn:boundary'] },
    ],
    [
      'a policy that is not known',
      [null],
      null,
      { kind: 'unknown', reason: 'The content of inline policy own is not known.' },
    ],
  ])('%s', (_name, policies, resource, expected) => {
    expect(evaluated(held(...policies), { action: 's3:GetObject', resource })).toMatchObject(expected);
  });

  test('every request that the emulated AWS allows is answered with granted', () => {
    const alice: RecordSketch = { name: 'alice', type: 'user', arn: 'arn:aws:iam::111122223333:user/alice' };
    let found = 0;
    fc.assert(
      fc.property(fc.array(document, { minLength: 1, maxLength: 3 }), (documents) => {
        const policies = documents.map((one, n) => ({
          kind: 'inline' as const,
          name: `p${n}`,
          group: null,
          document: JSON.stringify(one),
        }));
        // A real request has aws:SecureTransport and a Region, which is us-east-1 for IAM.
        const requests = [...allowedBy(documents)].filter((one) => one.endsWith(' eu-west-1') && !/^iam:/i.test(one));
        for (const request of requests) {
          const [action = '', resource = ''] = request.split(' ');
          found += 1;
          const asked = { ...held(null), policies };
          expect([request, evaluated(asked, { action, resource }, alice).kind]).toEqual([request, 'granted']);
          expect([request, evaluated(asked, { action, resource: null }, alice).kind]).toEqual([request, 'granted']);
        }
      }),
      { numRuns: 150 },
    );
    expect(found).toBeGreaterThan(500);
  });
});

describe('simulated decisions', () => {
  const PASS = 'iam:PassRole';
  const by = [{ policy: 'p', statement: 'statement 1' }];
  const says: EvaluatedAnswer = { kind: 'granted', grounds: by, resources: null, conditions: [] };
  const no: EvaluatedAnswer = { kind: 'notGranted' };
  const decided = (given: Partial<Decision>): RecordSketch => ({
    decisions: [
      {
        action: PASS,
        decision: 'implicitDeny',
        allowedByOrganizations: null,
        allowedByBoundary: null,
        missingContext: [],
        resources: [],
        ...given,
      },
    ],
  });
  const ten = Array.from({ length: 10 }, (_, n) => ({
    arn: `arn:aws:iam::1:role/${n}`,
    decision: 'implicitDeny' as const,
  }));
  const app = { arn: 'arn:aws:iam::1:role/app-*', decision: 'allowed' as const };
  const X = 'arn:aws:iam::1:role/app-x';

  const principal = (answer: Answer): unknown =>
    answer.kind === 'can' ? `${answer.principal.how} by ${answer.principal.basis}` : answer.kind;

  test.each<[string, RecordSketch, EvaluatedAnswer | null, string | null, string]>([
    ['allowed everywhere', { allowed: [PASS] }, says, null, 'allowed by simulation'],
    ['allowed, in a run without policies', { allowed: [PASS] }, null, null, 'allowed by simulation'],
    ['allowed on some resources', { allowedOn: { [PASS]: [X] } }, says, null, 'allowed by simulation'],
    [
      'allowed under a missing condition key, which the policies decide',
      { conditional: { [PASS]: ['iam:PassedToService'] } },
      says,
      null,
      'allowed by evaluation',
    ],
    [
      'allowed under a missing condition key, which the policies exclude',
      { conditional: { [PASS]: ['iam:PassedToService'] } },
      no,
      null,
      'cannot',
    ],
    [
      'allowed under a missing condition key, in a run without policies',
      { conditional: { [PASS]: ['iam:PassedToService'] } },
      null,
      null,
      'conditional by simulation',
    ],
    ['denied', decided({}), says, null, 'cannot'],
    ['ruled out', {}, no, null, 'cannot'],
    ['possibly more resources than were simulated', decided({ resources: ten }), says, null, 'allowed by evaluation'],
    [
      'denied for `*`, but possibly not for some resources',
      decided({ decision: 'explicitDeny' }),
      says,
      null,
      'allowed by evaluation',
    ],
    ['denied by an SCP', decided({ decision: 'explicitDeny', allowedByOrganizations: false }), says, null, 'cannot'],
    [
      'possibly denied by an SCP: a condition key was missing',
      decided({ decision: 'explicitDeny', allowedByOrganizations: false, missingContext: ['aws:RequestedRegion'] }),
      says,
      null,
      'conditional by simulation',
    ],
    ['incomplete permissions', { permissionsStatus: 'PARTIAL' }, says, null, 'allowed by evaluation'],
    ['incomplete permissions and no stored policies', { permissionsStatus: 'PARTIAL' }, null, null, 'unknown'],
    ['a principal without evidence', { status: 'FAILED', permissionsStatus: 'FAILED' }, says, null, 'unknown'],

    [
      'the resource was simulated and allowed',
      decided({ resources: [{ arn: X, decision: 'allowed' }] }),
      no,
      X,
      'allowed by simulation',
    ],
    [
      'the resource was simulated and denied',
      decided({ resources: [{ arn: X, decision: 'implicitDeny' }] }),
      says,
      X,
      'cannot',
    ],
    ['allowed everywhere, and the policies grant it', { allowed: [PASS] }, says, X, 'allowed by simulation'],
    ['allowed everywhere, but the policies exclude the resource', { allowed: [PASS] }, no, X, 'cannot'],
    ['only the evaluated policies grant the resource', decided({ resources: [app] }), says, X, 'allowed by evaluation'],
    ['a simulated pattern matches the resource', decided({ resources: [app] }), null, X, 'allowed by simulation'],
    [
      'no simulated pattern matches the resource',
      decided({ resources: [app] }),
      null,
      'arn:aws:iam::1:role/other',
      'cannot',
    ],
    ['there may be patterns that were not simulated', decided({ resources: ten }), null, X, 'unknown'],
  ])('%s', (_name, sketch, fromPolicies, resource, expected) => {
    expect(principal(answerOf(principalRecord(sketch), fromPolicies, { action: PASS, resource }, true))).toBe(expected);
  });

  test('an action that is not simulated is answered by the evaluated policies', () => {
    const question = { action: 's3:ListBucket', resource: null };
    const record = principalRecord({ services: { s3: '2026-11-20T00:00:00.000Z' } });
    expect(answerOf(record, says, question, false)).toMatchObject({
      principal: { basis: 'evaluation', grounds: by, lastUsed: { kind: 'at', level: 'service' } },
    });
    expect(answerOf(record, no, question, false).kind).toBe('cannot');
    expect(answerOf(record, null, question, false).kind).toBe('unknown');
  });
});
