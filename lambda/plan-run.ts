import { PlanRunInput } from '../core/contract/messages.ts';
import { planRun } from '../core/run/plan-run.ts';
import { cloudServices } from './runtime/cloud-services.ts';
import { makeHandler } from './runtime/handler.ts';

export const create = makeHandler(PlanRunInput, planRun);

export const handler = create(cloudServices);
