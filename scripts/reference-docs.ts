import { handlerNames } from '../core/contract/environment.ts';
import { iamReads } from '../core/contract/permissions.ts';
import { rules } from '../core/findings/rules/all-rules.ts';
import { functionPermissions, type Permission } from '../lib/function-permissions.ts';
import { SETTINGS_KEY } from '../lib/read-settings.ts';
import { describeSettings } from '../lib/settings.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');
const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

const shown = (value: unknown): string => {
  if (value === undefined) return '–';
  return `\`${JSON.stringify(value)}\``;
};

function settingsPage(): string {
  const rows = describeSettings().map(({ path, fallback, unit, meaning }) => [
    `\`${path}\``,
    shown(fallback),
    unit,
    meaning,
  ]);
  return `# Settings

Made by \`npm run docs\` from the schema in \`lib/settings.ts\`; a test compares both.

All settings stand under the key \`${SETTINGS_KEY}\` of the CDK context: an object in \`cdk.json\`, JSON text given with
\`-c '${SETTINGS_KEY}={"rateShare":0.8}'\`, or the path of a JSON file, \`-c ${SETTINGS_KEY}=production.json\`. What is not set has
its default; a name that does not exist is refused, with the nearest one that does.

${table(['setting', 'default', 'unit', 'meaning'], rows)}
`;
}

function resourcesOf({ on }: Permission): string {
  if ('objects' in on) return on.objects.map((key) => `\`${key}\``).join(', ');
  const names: Readonly<Record<typeof on.own, string>> = {
    bucket: 'the results bucket',
    logs: 'its own log group',
    executions: 'executions of the workflow',
    memberRoles: 'the member role in each account of `accountIds`',
    key: 'the key of `kmsKeyArn`',
    everything: '`*`',
  };
  return names[on.own];
}

const conditions: Readonly<Record<NonNullable<Permission['when']>, string>> = {
  memberRole: 'with `memberRoleName`',
  noMemberRole: 'without `memberRoleName`',
  key: 'with `kmsKeyArn`',
  vpc: 'with `vpc`',
};

function permissionsPage(): string {
  const sections = handlerNames.map((name) => {
    const rows = functionPermissions[name].map((permission) => [
      permission.actions.map((action) => `\`${action}\``).join(', '),
      resourcesOf(permission),
      permission.when === undefined ? 'always' : conditions[permission.when],
      permission.reason,
    ]);
    return `## ${name}\n\n${table(['may', 'on', 'when', 'why'], rows)}\n`;
  });
  return `# Permissions

Made by \`npm run docs\` from \`lib/function-permissions.ts\`, which the policies are made of too; a test compares both.

Each function has a role of its own under the path of \`rolePath\` (\`/iam-audit/\`). Nothing in IAM is ever written. In an audited account these
reads are all that is needed, whether of the function's own role or of the member role that it assumes:
${iamReads.map((action) => `\`${action}\``).join(', ')}.
Of its organization, the account that runs the audit reads what AWS lets it: more than the name only as the management account
or a delegated administrator.

${sections.join('\n')}
The workflow may invoke the five functions, read \`runs/*/accounts.jsonl\`, start and follow executions of itself, publish
messages to the topic, deliver its logs and traces. The schedule may start the workflow and put what could not be started into its queue. With \`kmsKeyArn\` both may
use the key for that: the workflow decrypts \`accounts.jsonl\`, and encrypts its executions, logs and messages; the schedule encrypts its
queue's messages.
`;
}

function findingsPage(): string {
  const sections = rules.map(
    ({ id, severity, meaning, why, remedy }) =>
      `### ${id}\n\n${meaning}\n\n- **Why**: ${why}\n- **What to do**: ${remedy}\n- **Severity**: ${severity}.\n`,
  );
  const example = {
    exceptions: [
      {
        rule: 'administrator',
        arn: 'arn:aws:iam::*:role/break-glass-*',
        owner: 'platform team',
        reason: 'for emergencies; its use raises an alarm',
        expires: '2027-03-31',
      },
    ],
  };
  return `# Findings

Made by \`npm run docs\` from the rules in \`core/findings/rules/\`; a test compares both.

\`runs/<run>/findings.jsonl\` has a finding a line, \`findings.csv\` the same as a table, \`report.html\` the most severe first.
Rules look only at evidence that is there: what could not be read is in no finding, and the record says so.

## States
- **new**: the last run of unlimited scope did not have it. **open**: it did; \`firstSeen\` says since when.
- **suppressed**: an exception holds. **resolved**: it was there before and is not any more; told once.

An \`id\` is a hash of rule, account, principal and matter, so that it is the same from day to day. Only a principal whose
evidence is COMPLETE, or that is gone, resolves a finding; where evidence failed, what was there stays open. Rules that look
at other principals too (escalation paths lead to roles) resolve only where those were all read. A run of limited scope is
compared with the last full one and is no base for the next. \`iam-audit diff\` prints what has changed between two runs.

## Exceptions
\`config/exceptions.json\` in the bucket (on one machine below \`--out\`), or a file given with \`--exceptions\`:

\`\`\`json
${JSON.stringify(example, null, 2)}
\`\`\`

All five fields are needed. \`arn\` may have \`*\` and \`?\`; of findings on the account itself it is root's, \`arn:aws:iam::<account>:root\`.
\`expires\` is the last day (UTC) on which it holds; then it is a finding itself. What is wrong in the file is named in
\`run.json\`, in the report and at the end of a run, and excepts nothing; the rest of it holds. So is an exception under which
nothing falls. A run keeps the file as it was in \`runs/<run>/exceptions.json\`.

## Rules

${sections.join('\n')}`;
}

/** Pages of docs/ that are made of the code, by file name. */
export const referenceDocs = (): Readonly<Record<string, string>> => ({
  'settings.md': settingsPage(),
  'permissions.md': permissionsPage(),
  'findings.md': findingsPage(),
});
