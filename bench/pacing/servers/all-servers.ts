import type { Cell } from '../samples.ts';
import { serverCells } from './server-runs.ts';
import { operationCells } from './three-operations.ts';
import { auditCells } from './two-audits.ts';

/** Servers with one audit, and limits that two audits or three operations of one audit share. */
export const allServerCells: readonly Cell[] = [...serverCells, ...auditCells, ...operationCells];
