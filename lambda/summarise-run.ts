import { SummariseRunInput } from '../core/contract/messages.ts';
import { summariseRun } from '../core/states/summarise-run.ts';
import { reportPage } from '../report-app/built/page.ts';
import { cloudServices } from './runtime/cloud-services.ts';
import { logged } from './runtime/function-log.ts';
import { makeHandler } from './runtime/handler.ts';

export const create = makeHandler(SummariseRunInput, (input, services, invocation) =>
  summariseRun(input, services, invocation, reportPage),
);

export const handler = logged('summarise-run', create(cloudServices));
