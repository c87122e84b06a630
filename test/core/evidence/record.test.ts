import type { InventoryLine } from '../../../core/contract/account-objects.ts';
import type { LastAccessed, Permissions, Status } from '../../../core/contract/evidence.ts';
import { recordOf, wasDeleted } from '../../../core/evidence/record.ts';
import type { FoundParts } from '../../../core/evidence/worklist.ts';

const TIME = '2026-11-23T04:00:00.000Z';
const line: InventoryLine = {
  accountId: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/alice',
  type: 'user',
  name: 'alice',
  path: '/',
  principalId: 'AIDA',
  createdAt: TIME,
  tags: {},
  managedBy: null,
  trust: null,
  source: 'asked',
  fingerprint: 'f',
  credentials: null,
  problems: [],
};
const lacking: InventoryLine = {
  ...line,
  problems: [{ step: 'credentials', code: 'AccessDenied', message: 'no' }],
};
const lastAccessed = (status: Status, code = 'ReportFailed'): NonNullable<FoundParts['lastAccessed']> => {
  const part: LastAccessed = { status, asOf: TIME, carriedFrom: null, services: [] };
  return { part, problems: status === 'COMPLETE' ? [] : [{ step: 'lastAccessed', code, message: 'no' }] };
};
const permissions = (status: Status, code = 'RefusedAction'): NonNullable<FoundParts['permissions']> => {
  const part: Permissions = { status, asOf: TIME, carriedFrom: null, ruledOut: 0, decisions: [] };
  return { part, problems: status === 'COMPLETE' ? [] : [{ step: 'permissions', code, message: 'no' }] };
};
const missing = { code: 'Interrupted', message: 'The run ended.' };

test.each<[string, InventoryLine, FoundParts, Status, string[]]>([
  [
    'both parts',
    line,
    { lastAccessed: lastAccessed('COMPLETE'), permissions: permissions('COMPLETE') },
    'COMPLETE',
    [],
  ],
  [
    'no credentials',
    lacking,
    { lastAccessed: lastAccessed('COMPLETE'), permissions: permissions('COMPLETE') },
    'PARTIAL',
    ['credentials AccessDenied'],
  ],
  [
    'some decisions',
    line,
    { lastAccessed: lastAccessed('COMPLETE'), permissions: permissions('PARTIAL') },
    'PARTIAL',
    ['permissions RefusedAction'],
  ],
  [
    'no report',
    line,
    { lastAccessed: lastAccessed('FAILED'), permissions: permissions('COMPLETE') },
    'PARTIAL',
    ['lastAccessed ReportFailed'],
  ],
  [
    'no report, some decisions',
    line,
    { lastAccessed: lastAccessed('FAILED'), permissions: permissions('PARTIAL') },
    'PARTIAL',
    ['lastAccessed ReportFailed', 'permissions RefusedAction'],
  ],
  [
    'neither part',
    line,
    { lastAccessed: lastAccessed('FAILED'), permissions: permissions('FAILED') },
    'FAILED',
    ['lastAccessed ReportFailed', 'permissions RefusedAction'],
  ],
  [
    'permissions that were not asked for',
    line,
    { lastAccessed: lastAccessed('COMPLETE') },
    'PARTIAL',
    ['permissions Interrupted'],
  ],
  ['nothing', line, {}, 'FAILED', ['lastAccessed Interrupted', 'permissions Interrupted']],
  [
    'a principal that was deleted after its report',
    line,
    { lastAccessed: lastAccessed('COMPLETE'), permissions: permissions('FAILED', 'NoSuchEntity') },
    'FAILED',
    ['lastAccessed NoSuchEntity', 'permissions NoSuchEntity'],
  ],
])('%s', (_name, inventory, found, status, problems) => {
  const record = recordOf(inventory, found, missing, Date.parse(TIME));
  expect(record.status).toBe(status);
  expect(record.problems.map(({ step, code }) => `${step} ${code}`)).toEqual(problems);
  expect(wasDeleted(record)).toBe(problems.some((problem) => problem.endsWith('NoSuchEntity')));
  if (record.lastAccessed.status !== 'COMPLETE') expect(record.lastAccessed.services).toEqual([]);
});
