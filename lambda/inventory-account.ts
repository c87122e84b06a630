import { InventoryAccountInput } from '../core/contract/messages.ts';
import { inventoryAccount } from '../core/states/inventory-account.ts';
import { cloudServices } from './runtime/cloud-services.ts';
import { logged } from './runtime/function-log.ts';
import { makeHandler } from './runtime/handler.ts';

export const create = makeHandler(InventoryAccountInput, inventoryAccount);

export const handler = logged('inventory-account', create(cloudServices));
