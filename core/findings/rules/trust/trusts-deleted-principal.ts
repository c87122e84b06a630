import { changeableTrust, groupParties } from '../../../trust/external-access.ts';
import type { PrincipalRule } from '../../rule.ts';

export const trustsDeletedPrincipal: PrincipalRule = {
  id: 'trusts-deleted-principal',
  subject: 'principal',
  severity: 'low',
  meaning:
    'The role’s trust policy still names a user or role that was deleted: AWS shows its id where the name was. Nobody can be it again, not even one of the same name.',
  why: 'It lets nobody in, but hides who is meant to be; and who was made anew under the old name is locked out.',
  remedy: 'Take the id out of the trust policy, or put in its place the principal that is meant now.',
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
        ? 'Its trust policy names nobody who still exists: nobody can assume the role.'
        : 'Others that its trust policy names can still assume the role.',
      evidence: { principal, trustsNobodyElse: isOnly },
    }));
  },
};
