import * as v from 'valibot';
import { BatchLine, WorklistLine } from '../contract/account-objects.ts';
import type { LastAccessed, Permissions, Problem } from '../contract/evidence.ts';
import type { Batch } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { ObjectStore } from '../store.ts';

/** The parts of one principal's evidence that a run has found so far. */
export interface FoundParts {
  lastAccessed?: { part: LastAccessed; problems: Problem[] };
  /** `sharedFrom`: who was simulated, where it was another of the group. */
  permissions?: { part: Permissions; problems: Problem[]; sharedFrom?: string };
}

export type BatchEnd = Extract<BatchLine, { kind: 'end' }>;

/** What the attempts of one batch have left, those of interrupted runs included. */
export interface BatchFindings {
  readonly parts: Map<string, FoundParts>;
  readonly ends: BatchEnd[];
}

/** @throws ObjectNotFound, ValiError for a damaged line */
export async function readWorklist(
  store: ObjectStore,
  runId: string,
  accountId: string,
  batch: Pick<Batch, 'offset' | 'length'>,
): Promise<WorklistLine[]> {
  const lines: WorklistLine[] = [];
  for await (const line of store.readLines(objects.worklist(runId, accountId), batch)) {
    lines.push(v.parse(WorklistLine, JSON.parse(line)));
  }
  return lines;
}

/** Reads every attempt of batch `n` that is there; later attempts add to earlier ones. */
export async function readBatch(
  store: ObjectStore,
  runId: string,
  accountId: string,
  n: number,
): Promise<BatchFindings> {
  const findings: BatchFindings = { parts: new Map(), ends: [] };
  for (let attempt = 1; ; attempt += 1) {
    const key = objects.batch(runId, accountId, n, attempt);
    if ((await addAttempt(store, key, findings)) === 'absent') return findings;
  }
}

async function addAttempt(store: ObjectStore, key: string, findings: BatchFindings): Promise<'read' | 'absent'> {
  if (!(await store.exists(key))) return 'absent';
  for await (const text of store.readLines(key)) {
    const line = v.parse(BatchLine, JSON.parse(text));
    if (line.kind === 'end') {
      findings.ends.push(line);
      continue;
    }
    const parts = findings.parts.get(line.arn) ?? {};
    if (line.kind === 'lastAccessed') parts.lastAccessed = { part: line.part, problems: line.problems };
    else {
      const { part, problems, sharedFrom } = line;
      parts.permissions = { part, problems, ...(sharedFrom === undefined ? {} : { sharedFrom }) };
    }
    findings.parts.set(line.arn, parts);
  }
  return 'read';
}

/** The end of one attempt, or null where it left nothing: an attempt's object appears whole or not at all. */
export async function readAttemptEnd(store: ObjectStore, key: string): Promise<BatchEnd | null> {
  if (!(await store.exists(key))) return null;
  const findings: BatchFindings = { parts: new Map(), ends: [] };
  await addAttempt(store, key, findings);
  return findings.ends[0] ?? null;
}
