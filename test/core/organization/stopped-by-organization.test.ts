import type { Decision } from '../../../core/contract/evidence.ts';
import { StoppedByOrganization } from '../../../core/organization/stopped-by-organization.ts';
import { principalRecord } from '../../support/principal-record.ts';

const stoppedDecision: Decision = {
  action: 'iam:CreateUser',
  decision: 'implicitDeny',
  allowedByOrganizations: false,
  allowedByBoundary: null,
  missingContext: [],
  resources: [],
};

test.each<[string, Partial<Decision>, Record<string, number>]>([
  ['an SCP stops the action', {}, { 'iam:CreateUser': 1 }],
  ['an explicit denial by an SCP', { decision: 'explicitDeny' }, { 'iam:CreateUser': 1 }],
  ['the action is allowed', { decision: 'allowed', allowedByOrganizations: true }, {}],
  ['no SCP applies', { allowedByOrganizations: null }, {}],
  ['the SCPs allow it, and the policies do not', { allowedByOrganizations: true }, {}],
  ['the boundary denies it too', { allowedByBoundary: false }, {}],
  ['the boundary allows it', { allowedByBoundary: true }, { 'iam:CreateUser': 1 }],
  ['it depends on condition keys', { missingContext: ['aws:SourceIp'] }, {}],
])('%s', (_name, fields, expected) => {
  const stopped = new StoppedByOrganization();
  stopped.add(principalRecord({ decisions: [{ ...stoppedDecision, ...fields }] }));
  expect(stopped.counts()).toEqual(expected);
});

test('principals are counted by action', () => {
  const stopped = new StoppedByOrganization();
  const other = { ...stoppedDecision, action: 'ec2:RunInstances' };
  stopped.add(principalRecord({ decisions: [stoppedDecision, other] }));
  stopped.add(principalRecord({ decisions: [stoppedDecision] }));
  expect(Object.entries(stopped.counts())).toEqual([
    ['ec2:RunInstances', 1],
    ['iam:CreateUser', 2],
  ]);
});
