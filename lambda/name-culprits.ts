import { NameCulpritsInput } from '../core/contract/messages.ts';
import { nameCulprits } from '../core/states/name-culprits.ts';
import { reportPage } from '../report-app/built/page.ts';
import { cloudServices } from './runtime/cloud-services.ts';
import { logged } from './runtime/function-log.ts';
import { makeHandler } from './runtime/handler.ts';

export const create = makeHandler(NameCulpritsInput, (input, services, invocation) =>
  nameCulprits(input, services, invocation, reportPage),
);

export const handler = logged('name-culprits', create(cloudServices));
