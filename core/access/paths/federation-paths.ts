import type { EscalationPath } from './escalation-path.ts';

/** A principal changes an identity provider that roles trust. */
export const federationPaths: readonly EscalationPath[] = [
  {
    id: 'update-saml-provider',
    kind: 'federation',
    actions: ['iam:UpdateSAMLProvider'],
    provider: 'saml',
    by: 'replacing the metadata of a SAML provider and signing in as a role that trusts it',
    reference: 'IAM API Reference, UpdateSAMLProvider',
  },
  {
    id: 'add-client-id-to-oidc-provider',
    kind: 'federation',
    actions: ['iam:AddClientIDToOpenIDConnectProvider'],
    provider: 'oidc',
    by: 'adding an audience to an OIDC provider and signing in as a role that trusts it',
    reference: 'IAM API Reference, AddClientIDToOpenIDConnectProvider',
  },
  {
    id: 'update-oidc-provider-thumbprint',
    kind: 'federation',
    actions: ['iam:UpdateOpenIDConnectProviderThumbprint'],
    provider: 'oidc',
    by: 'replacing the certificate thumbprint of an OIDC provider and signing in as a role that trusts it',
    reference: 'IAM API Reference, UpdateOpenIDConnectProviderThumbprint',
  },
  {
    id: 'recreate-saml-provider',
    kind: 'federation',
    actions: ['iam:CreateSAMLProvider', 'iam:DeleteSAMLProvider'],
    provider: 'saml',
    by: 'deleting a SAML provider, creating it again with its own metadata and signing in as a role that trusts it',
    reference: 'IAM API Reference, CreateSAMLProvider and DeleteSAMLProvider',
  },
  {
    id: 'recreate-oidc-provider',
    kind: 'federation',
    actions: ['iam:CreateOpenIDConnectProvider', 'iam:DeleteOpenIDConnectProvider'],
    provider: 'oidc',
    by: 'deleting an OIDC provider, creating it again with its own audience and signing in as a role that trusts it',
    reference: 'IAM API Reference, CreateOpenIDConnectProvider and DeleteOpenIDConnectProvider',
  },
];
