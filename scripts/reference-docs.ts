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

\`npm run docs\` generates this page from the rules in \`core/findings/rules/\`. A test checks that it is up to date.

\`runs/<run>/findings.jsonl\` has one finding per line. \`findings.csv\` has the same findings as a table, and \`report.html\` shows the
most severe first. Rules use only evidence that could be read. Missing evidence is named in the principal’s record.

## States
- **new**: the last run of unlimited scope did not have the finding.
- **open**: the last run of unlimited scope had it too. \`firstSeen\` is the start of the first run that had it.
- **suppressed**: a valid exception matches it.
- **resolved**: an earlier run had it, and it is no longer detected. Only one run reports this.

The \`id\` of a finding is a hash of the rule, the account, the principal and the rule’s key, so it stays the same from day to
day. A finding is resolved only if the evidence of its principal is COMPLETE, or the principal was deleted. If evidence is
missing, the finding stays open. A rule that also checks other principals (an escalation path leads to other roles) resolves
findings only if the evidence of all those principals is COMPLETE. A run of limited scope is compared with the last run of
unlimited scope, and later runs are not compared with it. \`iam-audit diff\` prints the changes between two runs.

## Exceptions
\`config/exceptions.json\` in the bucket (on one machine, under \`--out\`), or a file given with \`--exceptions\`:

\`\`\`json
${JSON.stringify(example, null, 2)}
\`\`\`

All five fields are required. \`arn\` may contain the wildcards \`*\` and \`?\`. For findings on the account itself, use the ARN of the
root user, \`arn:aws:iam::<account>:root\`. \`expires\` is the last day (UTC) on which the exception is valid. An expired exception
is reported as a finding. An entry with an error is ignored, and the other entries apply. \`run.json\`, the report and the summary
at the end of a run name every error, and every exception that matches no finding. Each run stores a copy of the file in
\`runs/<run>/exceptions.json\`.

## Rules
The settings \`unusedAfterDays\` and \`graceDays\` are described in [settings.md](settings.md). AWS’s tracking period for
last-accessed data is at least 400 days.

${sections.join('\n')}`;
}

/** Pages of docs/ that are made of the code, by file name. */
export const referenceDocs = (): Readonly<Record<string, string>> => ({
  'settings.md': settingsPage(),
  'permissions.md': permissionsPage(),
  'findings.md': findingsPage(),
});
