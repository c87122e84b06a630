import { OrganizationUseInput } from '../core/contract/messages.ts';
import { organizationUse } from '../core/states/organization-use.ts';
import { cloudServices } from './runtime/cloud-services.ts';
import { logged } from './runtime/function-log.ts';
import { makeHandler } from './runtime/handler.ts';

export const create = makeHandler(OrganizationUseInput, organizationUse);

export const handler = logged('organization-use', create(cloudServices));
