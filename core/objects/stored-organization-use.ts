import * as v from 'valibot';
import { objects } from '../contract/objects.ts';
import {
  LatestOrganizationUse,
  OrganizationUseEnd,
  OrganizationUseLine,
  OrganizationUseSummary,
  type UnitUse,
} from '../contract/organization-use/organization-use.ts';
import { Organization } from '../contract/organization.ts';
import type { RunSummary } from '../contract/run.ts';
import type { ObjectStore } from '../ports/store.ts';

/** The line that ends an attempt's object begins like this. */
const END = '{"end":true';

export interface UseAttempts {
  /** The IDs of entities that have a line. */
  readonly ids: ReadonlySet<string>;
  readonly ends: readonly OrganizationUseEnd[];
}

/** The attempts of a run up to a number. @throws StoreError, ValiError for a damaged line */
export async function readUseAttempts(store: ObjectStore, runId: string, last: number): Promise<UseAttempts> {
  const ids = new Set<string>();
  const ends: OrganizationUseEnd[] = [];
  for (let attempt = 1; attempt <= last; attempt += 1) {
    const key = objects.organizationUseAttempt(runId, attempt);
    if (!(await store.exists(key))) break;
    for await (const text of store.readLines(key)) {
      if (text.startsWith(END)) ends.push(v.parse(OrganizationUseEnd, JSON.parse(text)));
      else ids.add(v.parse(v.object({ id: v.string() }), JSON.parse(text)).id);
    }
  }
  return { ids, ends };
}

/** The results of a run's attempts. @throws StoreError, ValiError for a damaged line */
export async function* attemptedUse(
  store: ObjectStore,
  runId: string,
  attempts: number,
): AsyncGenerator<OrganizationUseLine> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    for await (const text of store.readLines(objects.organizationUseAttempt(runId, attempt))) {
      if (!text.startsWith(END)) yield v.parse(OrganizationUseLine, JSON.parse(text));
    }
  }
}

/** The last run that has a complete `organization-use.jsonl`; null if no run has one. @throws StoreError */
export async function latestUseRun(store: ObjectStore): Promise<string | null> {
  const stored = await store.read(objects.latestOrganizationUse);
  if (stored === null) return null;
  const { runId } = v.parse(LatestOrganizationUse, JSON.parse(stored.text));
  return (await store.exists(objects.organizationUse(runId))) ? runId : null;
}

/** @throws StoreError */
export async function writeLatestUseRun(store: ObjectStore, runId: string): Promise<void> {
  await store.write(objects.latestOrganizationUse, `${JSON.stringify({ runId })}\n`);
}

/** Null if the step did not end. @throws StoreError */
export async function readUseSummary(store: ObjectStore, runId: string): Promise<OrganizationUseSummary | null> {
  const stored = await store.read(objects.organizationUseSummary(runId));
  return stored === null ? null : v.parse(OrganizationUseSummary, JSON.parse(stored.text));
}

/** The rows of the report's section about services; none if the run has no such data. @throws StoreError */
export async function unitUses(store: ObjectStore, { runId, organization }: RunSummary): Promise<readonly UnitUse[]> {
  if (organization?.use === undefined) return [];
  return (await readUseSummary(store, runId))?.units ?? [];
}

/** The organization as a run read it. @throws StoreError, Error if the run has none */
export async function readOrganizationOf(store: ObjectStore, runId: string): Promise<Organization> {
  const stored = await store.read(objects.organization(runId));
  if (stored === null) throw new Error(`Run ${runId} has no organization.json.`);
  return v.parse(Organization, JSON.parse(stored.text));
}
