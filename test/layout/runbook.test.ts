import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlanDecision } from '../../core/contract/messages.ts';
import { RunStatus } from '../../core/contract/run.ts';
import { Status } from '../../core/contract/evidence.ts';
import { alarmTexts } from '../../lib/alarm-texts.ts';

const root = join(__dirname, '../..');
const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
const sectionOf = (heading: string): string => runbook.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';

/** What is named in the first column of a section's tables. */
const rowsOf = (heading: string): Set<string> =>
  new Set(
    [...sectionOf(heading).matchAll(/^\| ([^|]*`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
    ),
  );

const sources = ['core', 'aws', 'lambda', 'cli'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((file) => join(root, folder, String(file)))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(file, 'utf8')),
);

/** Error codes in the source: of problems, of error classes, and of faults of AWS that the audit makes itself. */
const codePatterns = [
  /\bcode: '([A-Z]\w+)'/g,
  /override name = '([A-Z]\w+)'/g,
  /new AwsFault\(\s*'\w+',\s*'([A-Z]\w+)'/g,
  /^(?:export )?const (?:NOT_FROM_AWS|ASSUME_ROLE_DENIED|REGION_DISABLED) = '(\w+)'/gm,
];
/** `AwsFault` is replaced by AWS's code. `Error` is thrown by code that is not ours. `VARCHAR` is a type of SQL. */
const notShown = new Set(['AwsFault', 'Error', 'VARCHAR', 'Unknown']);

const codes = [
  ...new Set(
    sources.flatMap((text) =>
      codePatterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code = '']) => code)),
    ),
  ),
].filter((code) => !notShown.has(code));

test('the source has the codes that this test is about', () => {
  expect(codes.length).toBeGreaterThan(30);
  expect(codes).toEqual(expect.arrayContaining(['Throttled', 'AssumeRoleDenied', 'NotFromAws', 'DamagedObject']));
});

test.each(codes)('the runbook has the code %s', (code) => {
  expect(rowsOf('Codes')).toContain(code);
});

test.each([...new Set([...RunStatus.options, ...Status.options, ...PlanDecision.options])])(
  'the runbook has the status %s',
  (status) => {
    expect(rowsOf('Statuses')).toContain(status);
  },
);

test.each(Object.values(alarmTexts).map(({ section }) => section))(
  'the section of the alarm %s has meaning, first look, remedy, and how to see that it worked',
  (section) => {
    const heading = section.replaceAll('-', ' ').replace(/^\w/, (letter) => letter.toUpperCase());
    const parts = ['**What it means.**', "**Today's audit.**", '**First look.**', '**Remedy.**', '**It worked when**'];
    const places = parts.map((part) => sectionOf(heading).indexOf(part));
    expect(places).not.toContain(-1);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  },
);
