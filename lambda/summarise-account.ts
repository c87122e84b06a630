import { SummariseAccountInput } from '../core/contract/messages.ts';
import { summariseAccount } from '../core/states/summarise-account.ts';
import { cloudServices } from './runtime/cloud-services.ts';
import { logged } from './runtime/function-log.ts';
import { makeHandler } from './runtime/handler.ts';

export const create = makeHandler(SummariseAccountInput, summariseAccount);

export const handler = logged('summarise-account', create(cloudServices));
