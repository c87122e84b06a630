import { PlanRunInput } from '../core/contract/messages.ts';
import { planRun } from '../core/states/plan-run.ts';
import { logged } from './runtime/function-log.ts';
import { makeHandler } from './runtime/handler.ts';
import { planningServices } from './runtime/planning-services.ts';

export const create = makeHandler(PlanRunInput, planRun);

export const handler = logged('plan-run', create(planningServices));
