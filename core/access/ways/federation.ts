import { allOf, keysOf, type Truth } from '../../evaluation/truth.ts';
import { coversAction } from '../../evaluation/trust-truth.ts';
import { wildcardPattern } from '../../policies/wildcards.ts';
import type { AccountAccess } from '../account-access.ts';
import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { mayDo } from '../requests.ts';
import { uniqueGrounds } from '../target-groups.ts';
import type { WayContext } from './way-context.ts';
import type { Doubt, Way } from './way.ts';

type Federation = Extract<EscalationPath, { kind: 'federation' }>;

/**
 * The ways by an identity provider that roles trust. A principal that replaces the metadata of a SAML provider can sign
 * assertions for any role that trusts it. Changes of an OIDC provider help only with tokens that the provider issues, or
 * someone in its place.
 */
export function federationWays(path: Federation, node: PrincipalNode, { account, federated }: WayContext): Way[] {
  const doubts: Doubt[] = path.provider === 'saml' ? [] : ['provider', 'provider'];
  return [...federated[path.provider]].flatMap(([provider, targets]): Way[] => {
    const verdicts = path.actions.map((action) => mayDo(account, node, action, provider));
    const truth: Truth = allOf(verdicts.map((one) => one.truth));
    if (truth === false) return [];
    const grounds = uniqueGrounds(verdicts.flatMap((one) => one.grounds));
    return [{ path, targets, gain: 'own', keys: keysOf(truth), doubts, grounds }];
  });
}

/** The roles that trust each of the account's own providers, by its ARN. */
export type FederatedRoles = Readonly<Record<Federation['provider'], ReadonlyMap<string, readonly PrincipalNode[]>>>;

export function federatedRoles({ roles }: AccountAccess): FederatedRoles {
  const by = (provider: Federation['provider']): ReadonlyMap<string, readonly PrincipalNode[]> => {
    const found = new Map<string, PrincipalNode[]>();
    for (const role of roles) {
      for (const arn of providersOf(role, provider)) {
        const trusting = found.get(arn);
        if (trusting === undefined) found.set(arn, [role]);
        else trusting.push(role);
      }
    }
    return found;
  };
  return { saml: by('saml'), oidc: by('oidc') };
}

/** ARNs of the account's own providers that a role trusts. */
function providersOf({ trust, accountId }: PrincipalNode, provider: Federation['provider']): string[] {
  const isOwn = wildcardPattern(`arn:*:iam::${accountId}:${provider === 'saml' ? 'saml' : 'oidc'}-provider/*`);
  const action = provider === 'saml' ? 'sts:assumerolewithsaml' : 'sts:assumerolewithwebidentity';
  const names = (trust ?? []).flatMap((statement) =>
    statement.allows && !statement.exceptThese && coversAction(statement, action)
      ? statement.principals.flatMap(({ type, name }) => (type === 'federated' ? [name] : []))
      : [],
  );
  return [...new Set(names)].filter(isOwn);
}
