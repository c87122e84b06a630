import type { AuditSettings } from './services.ts';

/** A run on one machine audits the caller's own account, unless its input names others: no deployment limits it. */
export const localAccounts: Pick<AuditSettings, 'accounts' | 'organizationScope' | 'onlyConfigured'> = {
  accounts: 'this',
  organizationScope: { include: [], exclude: [] },
  onlyConfigured: false,
};
