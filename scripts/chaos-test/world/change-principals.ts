import type { Random } from '../../../core/ports/clock.ts';
import type { EmulatedAccount } from '../../../local/emulated-aws/account.ts';
import { AUDIT_ROLE, OPERATOR } from '../../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../../local/emulated-aws/generate/policies.ts';
import { pick } from './plan.ts';

/** Deletes, renames or replaces one user or role, or edits its policies. Those that the audit itself needs stay. */
export function changePrincipal(account: EmulatedAccount, random: Random, now: number): void {
  const map = random() < 0.5 ? account.users : account.roles;
  const names = [...map.keys()].filter((name) => name !== AUDIT_ROLE && name !== OPERATOR);
  const name = names[Math.floor(random() * names.length)];
  if (name === undefined) return;
  const change = pick(random, ['delete', 'rename', 'replace', 'edit'] as const);
  if (map === account.users) changeIn(account.users, name, change, now);
  else changeIn(account.roles, name, change, now);
}

interface Entity {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly createdAt: number;
  readonly inlinePolicies: readonly { readonly name: string; readonly document: Readonly<Record<string, unknown>> }[];
}

function changeIn<Principal extends Entity>(
  map: Map<string, Principal>,
  name: string,
  change: 'delete' | 'rename' | 'replace' | 'edit',
  now: number,
): void {
  const principal = map.get(name);
  if (principal === undefined) return;
  map.delete(name);
  const own = { name: 'new', document: policy(allow(['iam:PassRole', 'kms:Decrypt', 's3:GetObject'])) };
  switch (change) {
    case 'delete':
      return;
    case 'rename': {
      const renamed = `${name}-renamed`;
      const arn = principal.arn.slice(0, -name.length) + renamed;
      map.set(renamed, { ...principal, name: renamed, arn });
      return;
    }
    case 'edit':
      map.set(name, { ...principal, inlinePolicies: [own] });
      return;
    case 'replace': {
      const id = `${principal.id.slice(0, -4)}NEW2`;
      map.set(name, { ...principal, id, createdAt: now, inlinePolicies: [own] });
    }
  }
}
