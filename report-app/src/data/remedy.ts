import { dayOf } from './days.ts';
import type { Finding } from './model.ts';

/** A command that helps to apply a remedy or to look closer. */
export interface Command {
  readonly what: string;
  readonly command: string;
}

/** Quotes a text for a POSIX shell. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Commands for a finding. The ones that change something are only printed for an administrator to check and run. */
export function commandsFor(finding: Finding): readonly Command[] {
  const { principal, rule, arn } = finding;
  if (principal === null) return [];
  const name = quoted(principal.name);
  const ofUser = principal.type === 'user';
  const look: Command[] = [
    { what: 'What it can do', command: `npx iam-audit can ${quoted(arn)}` },
    ...(finding.paths.length > 0
      ? [{ what: 'Its ways to more permissions', command: `npx iam-audit path ${quoted(arn)}` }]
      : []),
  ];
  if (principal.managedBy !== null) return look;
  const change: Command[] = [];
  const keyRules = ['unused-access-key', 'old-access-key', 'two-active-access-keys'];
  if (ofUser && keyRules.includes(rule)) {
    change.push(
      { what: 'The keys of the user', command: `aws iam list-access-keys --user-name ${name}` },
      {
        what: 'Deactivate a key first; it can be activated again',
        command: `aws iam update-access-key --user-name ${name} --status Inactive --access-key-id KEY_ID`,
      },
    );
  }
  if (ofUser && rule === 'unused-password') {
    change.push({ what: 'Remove the password', command: `aws iam delete-login-profile --user-name ${name}` });
  }
  if (rule === 'unused-user' || rule === 'unused-role') {
    const kind = ofUser ? 'user' : 'role';
    change.push({
      what: 'Stop its access and wait before you delete it: remove this policy to undo the change',
      command: `aws iam put-${kind}-policy --${kind}-name ${name} --policy-name DenyAllUntilDeleted --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'`,
    });
  }
  if (
    rule === 'trusts-deleted-principal' ||
    rule === 'assumable-by-anyone' ||
    rule === 'assumable-from-outside' ||
    rule === 'oidc-without-subject' ||
    rule === 'confused-deputy'
  ) {
    change.push(
      {
        what: 'The trust policy of the role',
        command: `aws iam get-role --role-name ${name} --query Role.AssumeRolePolicyDocument`,
      },
      {
        what: 'Replace it after you have edited the file',
        command: `aws iam update-assume-role-policy --role-name ${name} --policy-document file://trust.json`,
      },
    );
  }
  return [...look, ...change];
}

/** An entry of the exceptions file that accepts the finding for 90 days. */
export function exceptionFor({ rule, arn }: Finding, generatedAt: string): string {
  const entry = {
    rule,
    arn,
    owner: 'team@example.com',
    reason: 'Why this is accepted',
    expires: dayOf(generatedAt, -90),
  };
  return JSON.stringify({ exceptions: [entry] }, null, 2);
}
