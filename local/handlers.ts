import { create as auditBatch } from '../lambda/audit-batch.ts';
import { create as importFindings } from '../lambda/import-findings.ts';
import { create as inventoryAccount } from '../lambda/inventory-account.ts';
import { create as nameCulprits } from '../lambda/name-culprits.ts';
import { create as organizationUse } from '../lambda/organization-use.ts';
import { create as planRun } from '../lambda/plan-run.ts';
import { create as summariseAccount } from '../lambda/summarise-account.ts';
import { create as summariseRun } from '../lambda/summarise-run.ts';
import type { Handler } from '../lambda/runtime/handler.ts';
import type { HandlerName } from '../core/contract/environment.ts';
import type { Services } from '../core/ports/services.ts';

/** The handlers of the functions, each made with the services that it uses. */
export const handlers: Readonly<Record<HandlerName, (services: () => Services) => Handler>> = {
  'plan-run': planRun,
  'inventory-account': inventoryAccount,
  'audit-batch': auditBatch,
  'summarise-account': summariseAccount,
  'organization-use': organizationUse,
  'summarise-run': summariseRun,
  'name-culprits': nameCulprits,
  'import-findings': importFindings,
};
