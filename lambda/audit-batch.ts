import { AuditBatchInput } from '../core/contract/messages.ts';
import { auditBatch } from '../core/states/audit-batch.ts';
import { cloudServices } from './runtime/cloud-services.ts';
import { logged } from './runtime/function-log.ts';
import { makeHandler } from './runtime/handler.ts';

export const create = makeHandler(AuditBatchInput, auditBatch);

export const handler = logged('audit-batch', create(cloudServices));
