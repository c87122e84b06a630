import { changeableTrust, mayBeExternal, isKnownExternal, groupParties } from '../../../trust/external-access.ts';
import { describeReach, isSensitive, listed, reachEvidence, reachOf } from '../../abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';

/**
 * Third parties only. AWS’s own services are left to the services: which of them act for other customers’ resources is
 * documented service by service, and most roles have no aws:SourceAccount without any harm.
 */
export const confusedDeputy: PrincipalRule = {
  id: 'confused-deputy',
  subject: 'principal',
  severity:
    'medium where the role is an administrator or can extend its rights or get at credentials; otherwise low, and low where it is not known which accounts are the organization’s',
  meaning:
    'The role’s trust policy lets in another account without asking for an sts:ExternalId. Who it is, assumable-from-outside tells. Roles for AWS’s own services are not looked at.',
  why: 'Where that account works for many customers, another customer can name your role to it, and it will act as the role for them (the confused deputy).',
  remedy:
    'Require the sts:ExternalId that the third party has given you, one that it gives to nobody else. Where the account is your own and works for nobody else, write an exception.',
  find: (record, { organizationId }) => {
    const parties = changeableTrust(record).filter(
      (party) => mayBeExternal(party, organizationId) && !party.externalId,
    );
    return [...groupParties(parties, ({ accountId, principal }) => accountId ?? principal)].map(([account, those]) => {
      const isOutside = those.some((party) => isKnownExternal(party, organizationId));
      const principals = [...new Set(those.map(({ principal }) => principal))];
      const unjudged = [...new Set(those.flatMap((party) => party.unjudged))];
      const reach = reachOf(record);
      return {
        key: account,
        severity: isSensitive(reach) && isOutside ? 'medium' : 'low',
        title: `Role ${record.name} lets account ${account} in without an ExternalId`,
        detail: [
          `Its trust policy lets in ${listed(principals, 5)} without a certain sts:ExternalId.`,
          ...(isOutside ? [] : ['It is not known which accounts are the organization’s: this may be one of them.']),
          ...(unjudged.length > 0 ? [`What may limit it further: ${listed(unjudged, 5)}.`] : []),
          describeReach(reach),
        ].join(' '),
        evidence: { account, principals, organizationKnown: isOutside, unjudged, ...reachEvidence(reach) },
      };
    });
  },
};
