import { logFolderOf } from '../../../core/doctor/records/log-folder.ts';

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 1000;
const period = { since: day('2026-11-20'), until: day('2026-11-20') + 3_600 };

test.each([
  ['AWSLogs/1/CloudTrail/us-east-1/2026/11/20/x.json.gz', 'read'],
  ['AWSLogs/1/CloudTrail/us-east-1/2026/11/21', 'read'],
  ['AWSLogs/1/CloudTrail/us-east-1/2026/11/22', 'outsidePeriod'],
  ['AWSLogs/1/CloudTrail/us-east-1/2026/11/19/x.json.gz', 'outsidePeriod'],
  ['AWSLogs/1/CloudTrail/us-east-1/2026/11/', 'read'],
  ['AWSLogs/1/CloudTrail/us-east-1/2026/10', 'outsidePeriod'],
  ['AWSLogs/1/CloudTrail/us-east-1/2025', 'outsidePeriod'],
  ['AWSLogs/1/CloudTrail/us-east-1', 'read'],
  ['AWSLogs/o-1/2/CloudTrail/us-east-1/2026/11/01/x', 'outsidePeriod'],
  ['backup/2020/01/01/x.json', 'read'],
  ['backup/CloudTrail/2020/01/x.json', 'read'],
  ['CloudTrail/us-east-1/2026/13/99/x', 'read'],
  ['AWSLogs/1/CloudTrail-Digest/us-east-1/2026/11/20', 'digests'],
  ['AWSLogs/1/CloudTrail-Insight/us-east-1/2026/11/20', 'insights'],
  ['constructor/x', 'read'],
])('%s: %s', (path, folder) => {
  expect(logFolderOf(path, period)).toBe(folder);
});

test('without a period, every day is read', () => {
  expect(logFolderOf('AWSLogs/1/CloudTrail/us-east-1/2006/01/01/x', { since: null, until: null })).toBe('read');
});
