import * as fc from 'fast-check';
import type { Decision } from '../../../core/contract/evidence.ts';
import { answerOf, type Answer } from '../../../core/who/answer.ts';
import { askText, type TextAnswer } from '../../../core/who/policy-text.ts';
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
});
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

describe('the text of policies', () => {
  const granted: TextAnswer = {
    kind: 'granted',
    by: [{ policy: 'inline policy own', statement: 'statement 1' }],
    resources: null,
    conditions: [],
  };
  test.each<[string, Parameters<typeof held>, string | null, Partial<TextAnswer>]>([
    ['an Allow names it, in any case', [[allow('S3:getobject')]], null, granted],
    [
      'its Sid names the statement',
      [[allow('s3:*', '*', { Sid: 'Read' })]],
      null,
      { by: [{ policy: 'inline policy own', statement: 'Read' }] },
    ],
    ['by what NotAction leaves', [[{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }]], null, granted],
    ['none names it', [[allow('s3:Put*')]], null, { kind: 'notGranted' }],
    ['on some resources', [[allow('s3:*', ['b', 'a'])]], null, { ...granted, resources: ['a', 'b'] }],
    ['under a condition', [[allow('s3:*', '*', mfa)]], null, { conditions: ['aws:MultiFactorAuthPresent'] }],
    ['a Deny of all takes it away', [[allow('s3:*'), deny('s3:Get*')]], null, { kind: 'notGranted' }],
    ['a Deny of some resources leaves the others', [[allow('s3:*'), deny('s3:Get*', 'a')]], null, granted],
    [
      'a Deny on a condition is one',
      [[allow('s3:*'), deny('s3:*', '*', mfa)]],
      null,
      { conditions: ['aws:MultiFactorAuthPresent'] },
    ],
    ['the resource is named', [[allow('s3:*', 'arn:aws:s3:::a/*')]], 'arn:aws:s3:::a/x', granted],
    ['another resource is', [[allow('s3:*', 'arn:aws:s3:::a/*')]], 'arn:aws:s3:::b/x', { kind: 'notGranted' }],
    ['a variable may stand for it', [[allow('s3:*', 'arn:aws:s3:::${aws:username}/*')]], 'arn:aws:s3:::b/x', granted],
    [
      'all but it',
      [[{ Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::b/*' }]],
      'arn:aws:s3:::b/x',
      { kind: 'notGranted' },
    ],
    [
      'a Deny of the resource',
      [[allow('s3:*'), deny('s3:*', 'arn:aws:s3:::b/*')]],
      'arn:aws:s3:::b/x',
      { kind: 'notGranted' },
    ],
    [
      'a Deny of a variable may be of another',
      [[allow('s3:*'), deny('s3:*', 'arn:aws:s3:::${aws:username}/*')]],
      'arn:aws:s3:::b/x',
      granted,
    ],
    ['within the boundary', [[allow('s3:*')], [allow('s3:Get*')]], null, granted],
    ['beyond the boundary', [[allow('s3:*')], [allow('s3:Put*')]], null, { kind: 'notGranted' }],
    ['a boundary that is not known', [[allow('s3:*')], null], null, { conditions: ['a boundary that is not known'] }],
    [
      'a policy that is not known',
      [null],
      null,
      { kind: 'unknown', reason: 'What inline policy own says is not known.' },
    ],
  ])('%s', (_name, policies, resource, expected) => {
    expect(askText(held(...policies), { action: 's3:GetObject', resource })).toMatchObject(expected);
  });

  test('whoever the emulated AWS lets do it is never missed', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(document, { minLength: 1, maxLength: 3 }), (documents) => {
        const policies = documents.map((one, n) => ({
          kind: 'inline' as const,
          name: `p${n}`,
          group: null,
          document: JSON.stringify(one),
        }));
        const requests = new Set([...allowedBy(documents)].map((request) => request.split(' ').slice(0, 2).join(' ')));
        for (const request of requests) {
          const [action = '', resource = ''] = request.split(' ');
          found += 1;
          const asked = { arn: ARN, policies, boundary: null };
          expect([request, askText(asked, { action, resource }).kind]).toEqual([request, 'granted']);
          expect([request, askText(asked, { action, resource: null }).kind]).toEqual([request, 'granted']);
        }
      }),
      { numRuns: 150 },
    );
    expect(found).toBeGreaterThan(500);
  });
});

describe('what was simulated', () => {
  const PASS = 'iam:PassRole';
  const by = [{ policy: 'p', statement: 'statement 1' }];
  const says: TextAnswer = { kind: 'granted', by, resources: null, conditions: [] };
  const no: TextAnswer = { kind: 'notGranted' };
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

  const doer = (answer: Answer): unknown =>
    answer.kind === 'can' ? `${answer.doer.how} by ${answer.doer.basis}` : answer.kind;

  test.each<[string, RecordSketch, TextAnswer | null, string | null, string]>([
    ['allowed everywhere', { allowed: [PASS] }, says, null, 'allowed by simulation'],
    ['allowed, of a run without policies', { allowed: [PASS] }, null, null, 'allowed by simulation'],
    ['on some resources', { allowedOn: { [PASS]: [X] } }, says, null, 'allowed by simulation'],
    [
      'under a key that was missing',
      { conditional: { [PASS]: ['iam:PassedToService'] } },
      says,
      null,
      'conditional by simulation',
    ],
    ['denied', decided({}), says, null, 'cannot'],
    ['ruled out', {}, no, null, 'cannot'],
    ['more resources than were simulated', decided({ resources: ten }), says, null, 'allowed by policyText'],
    ['denied on `*`, perhaps not on some', decided({ decision: 'explicitDeny' }), says, null, 'allowed by policyText'],
    [
      'denied by an organization',
      decided({ decision: 'explicitDeny', allowedByOrganizations: false }),
      says,
      null,
      'cannot',
    ],
    [
      'denied by an organization, perhaps, for a key was missing',
      decided({ decision: 'explicitDeny', allowedByOrganizations: false, missingContext: ['aws:RequestedRegion'] }),
      says,
      null,
      'conditional by simulation',
    ],
    ['part of the permissions is missing', { permissionsStatus: 'PARTIAL' }, says, null, 'allowed by policyText'],
    ['and no text tells', { permissionsStatus: 'PARTIAL' }, null, null, 'unknown'],
    ['nothing could be read', { status: 'FAILED', permissionsStatus: 'FAILED' }, says, null, 'unknown'],

    [
      'the resource was simulated',
      decided({ resources: [{ arn: X, decision: 'allowed' }] }),
      no,
      X,
      'allowed by simulation',
    ],
    ['and denied', decided({ resources: [{ arn: X, decision: 'implicitDeny' }] }), says, X, 'cannot'],
    ['everywhere, and the text says nothing against it', { allowed: [PASS] }, says, X, 'allowed by simulation'],
    ['everywhere but there', { allowed: [PASS] }, no, X, 'cannot'],
    ['the text alone names it', decided({ resources: [app] }), says, X, 'allowed by policyText'],
    ['a pattern that was simulated takes it in', decided({ resources: [app] }), null, X, 'allowed by simulation'],
    ['no pattern does', decided({ resources: [app] }), null, 'arn:aws:iam::1:role/other', 'cannot'],
    ['there may have been more patterns', decided({ resources: ten }), null, X, 'unknown'],
  ])('%s', (_name, sketch, said, resource, expected) => {
    expect(doer(answerOf(principalRecord(sketch), said, { action: PASS, resource }, true))).toBe(expected);
  });

  test('an action that nobody simulates hangs on the text', () => {
    const question = { action: 's3:ListBucket', resource: null };
    const record = principalRecord({ services: { s3: '2026-11-20T00:00:00.000Z' } });
    expect(answerOf(record, says, question, false)).toMatchObject({
      doer: { basis: 'policyText', policies: by, lastUsed: { kind: 'at', level: 'service' } },
    });
    expect(answerOf(record, no, question, false).kind).toBe('cannot');
    expect(answerOf(record, null, question, false).kind).toBe('unknown');
  });
});
