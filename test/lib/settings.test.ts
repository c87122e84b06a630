import { readFileSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSettings } from '../../core/contract/environment.ts';
import { auditApp } from '../../lib/audit-app.ts';
import { describeSettings, parseSettings, Settings } from '../../lib/settings.ts';
import { referenceDocs } from '../../scripts/reference-docs.ts';

test('nothing set is everything by default', () => {
  expect(parseSettings(undefined)).toMatchObject({ ...defaultSettings, stackName: 'IamAudit', subscribers: [] });
});

test('an object, JSON text and a file say the same', () => {
  const settings = { rateShare: 0.5, schedule: { enabled: false } };
  const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'settings.json');
  writeFileSync(file, JSON.stringify(settings));
  const parsed = parseSettings(settings);
  expect(parsed).toMatchObject({ rateShare: 0.5, schedule: { enabled: false, timeZone: 'UTC' } });
  expect([parseSettings(JSON.stringify(settings)), parseSettings(file)]).toEqual([parsed, parsed]);
});

test.each<[unknown, string]>([
  [{ schedul: {} }, 'schedul: there is no such setting; did you mean schedule?'],
  [{ schedule: { timezone: 'UTC' } }, 'schedule.timezone: there is no such setting; did you mean schedule.timeZone?'],
  [{ retention: { logs: 3 } }, 'retention.logs: there is no such setting; did you mean retention.logDays?'],
  [{ rateShare: 2 }, 'rateShare: must be from 0.05 to 1, and was 2.'],
  [{ rateShare: '0.5' }, 'rateShare: must be from 0.05 to 1, and was "0.5".'],
  [{ accountsAtOnce: 0 }, 'accountsAtOnce: must be a whole number from 1 to 1000, and was 0.'],
  [
    { accountIds: ['12'] },
    'accountIds.0: must be an AWS account id of 12 digits, such as "123456789012", and was "12".',
  ],
  [{ accountIds: [] }, 'accountIds: must name at least one account, or be left out'],
  [{ accountIds: ['111122223333', '111122223334'] }, 'memberRoleName: must name the role to assume in each account'],
  [{ schedule: { timeZone: 'Berlin' } }, 'schedule.timeZone: must be a time zone of the IANA database such as'],
  [{ schedule: { expression: '0 4 * * *' } }, 'schedule.expression: must be an expression of EventBridge Scheduler'],
  [{ retention: { logDays: 100 } }, 'retention.logDays: must be one of 1, 3, 5, 7, 14,'],
  [{ subscribers: ['me'] }, 'subscribers.0: must be an e-mail address or an https URL'],
  [{ subscribers: ['a@b.c', 'a@b.c'] }, 'subscribers: must name each subscriber once'],
  [{ schedule: { expression: 'cron(0 4 * * *)' } }, '(six fields)'],
  [{ schedule: { expression: 'rate(0 days)' } }, 'schedule.expression: must be an expression'],
  [
    { schedule: { missedAfterHours: 1 } },
    'schedule.missedAfterHours: must be 0 or at least 26 with a window of 15 minutes',
  ],
  [{ schedule: { flexibleWindowMinutes: 1440 } }, 'must be 0 or at least 49'],
  [{ memberRoleName: '/x/' }, 'memberRoleName: must be the name of a role'],
  [{ memberRoleName: 'm', accountIds: ['111122223333', '111122223333'] }, 'accountIds: must name each account once'],
  [{ accountIds: ['999999999999'] }, 'memberRoleName: must name the role to assume'],
  [{ kmsKeyArn: 'alias/x' }, 'kmsKeyArn: must be the ARN of a KMS key (not of an alias), and was "alias/x".'],
  [{ stackName: 'my stack' }, 'stackName: must start with a letter'],
  ['{', 'are no JSON'],
  ['none.json', 'can\'t be read from the file "none.json"'],
  [5, 'the settings: must be Object, and was 5.'],
])('%j is refused: %s', (value, message) => {
  expect(() => parseSettings(value)).toThrow(message);
});

test('every mistake is named at once', () => {
  expect(() => parseSettings({ rateShare: 2, accountsAtOnce: 0 })).toThrow(/accountsAtOnce: .*rateShare: /);
});

test('the app reads them from its context, and a wrong one stops it', () => {
  expect(auditApp({ bundle: false, settings: { stackName: 'Other' } }).stack.stackName).toBe('Other');
  expect(() => auditApp({ bundle: false, settings: { rateshare: 1 } })).toThrow('did you mean rateShare?');
});

test('every setting has a meaning', () => {
  const described = describeSettings().map(({ path }) => path.split('.')[0]);
  expect([...new Set(described)].sort()).toEqual(Object.keys(Settings.entries).sort());
});

test('the pages of docs/ that are made of the code are up to date (npm run docs)', () => {
  for (const [name, text] of Object.entries(referenceDocs())) {
    expect(readFileSync(join(__dirname, '../../docs', name), 'utf8')).toBe(text);
  }
});
