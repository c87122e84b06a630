import type { ManagedBy } from '../../../core/contract/evidence.ts';
import { canBeRemoved, managedBy } from '../../../core/inventory/managed-by.ts';

test.each<['user' | 'role', string, ManagedBy | null]>([
  ['role', '/aws-service-role/autoscaling.amazonaws.com/', 'service'],
  ['role', '/aws-reserved/sso.amazonaws.com/', 'identityCenter'],
  ['role', '/aws-reserved/sso.amazonaws.com/eu-west-1/', 'identityCenter'],
  ['role', '/', null],
  ['role', '/service-role/', null],
  ['role', '/team/aws-service-role/', null],
  ['role', '/aws-reserved/', null],
  ['user', '/aws-service-role/x/', null],
])('a %s under %s is managed by %s', (type, path, expected) => {
  expect(managedBy({ type, path })).toBe(expected);
});

const NOW = Date.parse('2026-11-23T04:00:00Z');
test.each<[string, ManagedBy | null, string, number, boolean]>([
  ['old enough', null, '2026-10-24T04:00:00Z', 30, true],
  ['one second too new', null, '2026-10-24T04:00:01Z', 30, false],
  ['created now, without a grace period', null, '2026-11-23T04:00:00Z', 0, true],
  ['old, but service-linked', 'service', '2020-01-01T00:00:00Z', 30, false],
  ['old, but managed by Identity Center', 'identityCenter', '2020-01-01T00:00:00Z', 30, false],
])('%s', (_name, manager, createdAt, graceDays, expected) => {
  expect(canBeRemoved({ managedBy: manager, createdAt }, graceDays, NOW)).toBe(expected);
});

test.each<[string, ManagedBy | null]>([
  ['AWSControlTowerExecution', 'controlTower'],
  ['aws-controltower-ConfigRecorderRole', 'controlTower'],
  ['stacksets-exec-0123456789abcdef', 'stackSets'],
  ['AWSReservedSSO_Admin_0123456789abcdef', 'identityCenter'],
  ['OrganizationAccountAccessRole', null],
  ['AWSCloudFormationStackSetExecutionRole', null],
  ['my-AWSControlTowerExecution', null],
  ['stacksets-exec-mine', null],
])('role %s is managed by %s', (name, expected) => {
  expect(managedBy({ type: 'role', path: '/', name })).toBe(expected);
});
