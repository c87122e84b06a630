import { SummariseRunInput } from '../core/contract/messages.ts';
import { summariseRun } from '../core/states/summarise-run.ts';
import { cloudServices } from './runtime/cloud-services.ts';
import { makeHandler } from './runtime/handler.ts';

export const create = makeHandler(SummariseRunInput, summariseRun);

export const handler = create(cloudServices);
