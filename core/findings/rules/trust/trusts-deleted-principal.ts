import { changeableTrust, groupParties } from '../../../trust/external-access.ts';
import type { PrincipalRule } from '../../rule.ts';

export const trustsDeletedPrincipal: PrincipalRule = {
  id: 'trusts-deleted-principal',
  subject: 'principal',
  controls: [],
  severity: 'low',
  meaning:
    'The role’s trust policy names a user or role that was deleted: AWS shows its unique ID in place of its ARN. A new principal with the same name has another ID and is not trusted.',
  why: 'The entry gives no access, but it hides which principals the policy intends to trust. A principal that was created again under the old name cannot assume the role.',
  remedy: 'Remove the ID from the trust policy, or replace it with the ARN of the intended principal.',
  find: (record) => {
    const trust = changeableTrust(record);
    const isOnly = trust.every(({ kind }) => kind === 'deleted');
    return [
      ...groupParties(
        trust.filter(({ kind }) => kind === 'deleted'),
        ({ principal }) => principal,
      ).keys(),
    ].map((principal) => ({
      key: principal,
      severity: 'low',
      title: `Role ${record.name} trusts a deleted principal, ${principal}`,
      detail: isOnly
        ? 'Its trust policy names no existing principal, so the role cannot be assumed.'
        : 'Its trust policy also names other principals.',
      evidence: { principal, trustsNobodyElse: isOnly },
    }));
  },
};
