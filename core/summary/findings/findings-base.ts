import * as v from 'valibot';
import { Finding, FindingsBase } from '../../contract/finding.ts';
import type { Comparison, PrincipalEvidence } from '../../findings/compare.ts';
import { validLines } from '../../objects/valid-lines.ts';
import type { ObjectStore, Warn } from '../../ports/store.ts';

/**
 * The findings that today's are compared with, and the run that they come from; none if there was no such run. Damaged
 * findings are dropped: if the rules still find them, they are new.
 * @param key of the base
 * @throws StoreError
 */
async function* baseOf(
  store: ObjectStore,
  key: string,
  warn: Warn = () => undefined,
): AsyncGenerator<{ readonly runId: string; readonly finding: Finding }> {
  if (!(await store.exists(key))) return;
  let runId: string | null = null;
  const lines = validLines(store, key, v.union([Finding, FindingsBase]), (damage) => {
    warn(
      `${damage.message} Earlier findings from there on are dropped: those that are found again count as new.`,
      damage,
    );
  });
  for await (const line of lines) {
    if (!('rule' in line)) runId = line.runId;
    else if (runId !== null) yield { runId, finding: line };
  }
}

/** Adds the findings of the base to a comparison. @param warn is told what is wrong with a damaged base @throws StoreError */
export async function addBase(
  comparison: Comparison,
  store: ObjectStore,
  key: string,
  warn: (message: string) => void,
): Promise<void> {
  for await (const { finding } of baseOf(store, key, warn)) comparison.addEarlier(finding);
}

/** The findings of the base that this run did not detect, with the states that they have now. @throws StoreError */
export async function* stillInBase(
  comparison: Comparison,
  store: ObjectStore,
  key: string,
  runId: string,
  evidenceFor: (finding: Finding) => PrincipalEvidence,
): AsyncGenerator<Finding> {
  for await (const { finding, runId: foundBy } of baseOf(store, key)) {
    // A finding that an earlier run resolved is dropped. One that this run resolved is repeated if the step is retried.
    if (finding.state === 'resolved' && foundBy !== runId) continue;
    const still = comparison.compareEarlier(finding, evidenceFor(finding));
    if (still !== null) yield still;
  }
}

/** Makes the findings of a run the base of the next one. @param findings key of their object @throws StoreError */
export async function writeBase(store: ObjectStore, key: string, runId: string, findings: string): Promise<void> {
  await store.writeLines(key, baseLines(store, runId, findings));
}

async function* baseLines(store: ObjectStore, runId: string, findings: string): AsyncGenerator<string> {
  yield JSON.stringify({ runId } satisfies FindingsBase);
  yield* store.readLines(findings);
}
