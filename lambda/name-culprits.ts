import { NameCulpritsInput } from '../core/contract/messages.ts';
import { nameCulprits } from '../core/states/name-culprits.ts';
import { cloudServices } from './runtime/cloud-services.ts';
import { makeHandler } from './runtime/handler.ts';

export const create = makeHandler(NameCulpritsInput, nameCulprits);

export const handler = create(cloudServices);
