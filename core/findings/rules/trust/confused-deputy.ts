import {
  changeableTrust,
  mayBeExternal,
  isKnownExternal,
  groupParties,
  narrowedPrincipals,
} from '../../../trust/external-access.ts';
import {
  describePrivilegeLevel,
  isPrivileged,
  privilegeLevelEvidence,
  privilegeLevelOf,
} from '../../../access/abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';
import { listedBriefly } from '../../../wording/wording.ts';

/**
 * Checks third-party accounts only, not AWS services. Which services act on behalf of other customers' resources is
 * documented service by service, and most roles need no aws:SourceAccount.
 */
export const confusedDeputy: PrincipalRule = {
  id: 'confused-deputy',
  subject: 'principal',
  controls: [],
  severity:
    'medium if the role is an administrator, or can change permissions or obtain credentials; otherwise low. Low if the accounts of your organization are not known',
  meaning:
    'The role’s trust policy trusts another account and does not require an sts:ExternalId. The account itself is reported by assumable-from-outside. Roles for AWS services are not checked.',
  why: 'If that account serves many customers, another customer can give it your role’s ARN, and the account then uses your role for that customer (the confused deputy problem).',
  remedy:
    'Require the sts:ExternalId that the third party assigned to you alone. If the account is your own and serves no other customer, add an exception.',
  find: (record, { organizationId }) => {
    const parties = changeableTrust(record).filter(
      (party) => mayBeExternal(party, organizationId) && !party.externalId,
    );
    return [...groupParties(parties, ({ accountId, principal }) => accountId ?? principal)].map(([account, those]) => {
      const isOutside = those.some((party) => isKnownExternal(party, organizationId));
      const principals = narrowedPrincipals(those) ?? [...new Set(those.map(({ principal }) => principal))];
      const unjudged = [...new Set(those.flatMap((party) => party.unjudged))];
      const level = privilegeLevelOf(record);
      return {
        key: account,
        severity: isPrivileged(level) && isOutside ? 'medium' : 'low',
        title: `Role ${record.name} trusts account ${account} without an external ID`,
        detail: [
          `Its trust policy trusts ${listedBriefly(principals, 5)} and does not require a specific sts:ExternalId.`,
          ...(isOutside ? [] : ['The accounts of your organization are not known, so this account may belong to it.']),
          ...(unjudged.length > 0 ? [`Access may be limited by ${listedBriefly(unjudged, 5)}.`] : []),
          describePrivilegeLevel(level),
        ].join(' '),
        evidence: { account, principals, organizationKnown: isOutside, unjudged, ...privilegeLevelEvidence(level) },
      };
    });
  },
};
