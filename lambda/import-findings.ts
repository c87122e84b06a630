import { ImportFindingsInput } from '../core/contract/messages.ts';
import { importFindings } from '../core/states/import-findings.ts';
import { logged } from './runtime/function-log.ts';
import { makeHandler } from './runtime/handler.ts';
import { importingServices } from './runtime/importing-services.ts';

export const create = makeHandler(ImportFindingsInput, importFindings);

export const handler = logged('import-findings', create(importingServices));
