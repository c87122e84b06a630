import type { Severity } from '../../contract/finding.ts';
import { describeIdleness, idlenessOf, type Idleness } from '../idleness.ts';
import { changeableTrust, isForeign, partiesBy } from '../outsiders.ts';
import { describeReach, isSensitive, listed, lowered, reachEvidence, reachOf, type Reach } from '../reach.ts';
import type { PrincipalRule } from '../rule.ts';

export const assumableFromOutside: PrincipalRule = {
  id: 'assumable-from-outside',
  subject: 'principal',
  severity:
    'high where the role is an administrator or can extend its rights or get at credentials; otherwise low where it is used, medium where it is not or nobody knows; one lower where it is not known which accounts are the organization’s',
  meaning:
    'The role’s trust policy lets in principals of an account outside the organization. Where the organization’s accounts are not known, any other account counts. Whether an ExternalId is asked for, confused-deputy tells.',
  why: 'Whoever controls that account can act as the role. Its own safety is not in your hands.',
  remedy:
    'Check that the account is one you work with, and still do. Name its role rather than the whole account, take away what it does not need, and write an exception with an owner.',
  find: (record, context) => {
    const parties = changeableTrust(record).filter(isForeign);
    return [...partiesBy(parties, ({ accountId, principal }) => accountId ?? principal)].map(([account, those]) => {
      const isOutside = those.some(({ kind }) => kind === 'outsideAccount');
      const principals = [...new Set(those.map(({ principal }) => principal))];
      const reach = reachOf(record);
      const idleness = idlenessOf(record, context);
      return {
        key: account,
        severity: severityOf(reach, idleness, isOutside),
        title: `Role ${record.name} may be assumed from ${isOutside ? 'outside account' : 'account'} ${account}`,
        detail: [
          `Its trust policy lets in ${listed(principals, 5)}.`,
          ...(isOutside ? [] : ['It is not known which accounts are the organization’s: this may be one of them.']),
          describeReach(reach),
          describeIdleness(idleness, context.now),
        ].join(' '),
        evidence: { account, principals, organizationKnown: isOutside, ...reachEvidence(reach) },
      };
    });
  },
};

function severityOf(reach: Reach, idleness: Idleness, isOutside: boolean): Severity {
  const ordinary = idleness.kind === 'active' && reach.kind === 'ordinary' ? 'low' : 'medium';
  const severity = isSensitive(reach) ? 'high' : ordinary;
  return isOutside ? severity : lowered(severity);
}
