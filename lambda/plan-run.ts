import { PlanRunInput } from '../core/contract/messages.ts';
import { planRun } from '../core/states/plan-run.ts';
import { makeHandler } from './runtime/handler.ts';
import { planningServices } from './runtime/planning-services.ts';

export const create = makeHandler(PlanRunInput, planRun);

export const handler = create(planningServices);
