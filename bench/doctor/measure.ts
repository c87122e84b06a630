import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { QuestionId, Verdict, type Diagnosis } from '../../core/contract/doctor/diagnosis.ts';
import { defaultThresholds } from '../../core/doctor/thresholds.ts';
import { currentRecords } from '../../local/emulated-aws/cloudtrail/records.ts';
import { examineRows } from '../../local/log-analysis/examine-rows.ts';
import { judge } from './judge.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { World } from './world/world.ts';

const Names = v.array(v.string());
/** What a scenario with one seed gives. */
export const Measured = v.object({
  scenario: v.string(),
  seed: v.number(),
  calls: v.number(),
  refused: v.number(),
  judgements: v.array(
    v.object({
      question: QuestionId,
      verdict: Verdict,
      hits: Names,
      misses: Names,
      falsePositives: Names,
      lacksEvidence: v.boolean(),
    }),
  ),
});
export type Measured = v.InferOutput<typeof Measured>;

/** Simulates the scenario, examines its rows with DuckDB, and compares the answers with the truth. */
export async function measure(scenario: Scenario, seed: number): Promise<Measured> {
  const world = new World({
    seed,
    minutes: scenario.minutes,
    records: { ...currentRecords, refusedParameters: 'kept', ...scenario.records },
  });
  const truth = scenario.build(world);
  world.run();
  const diagnosis = await diagnose(world);
  return {
    scenario: scenario.name,
    seed,
    calls: diagnosis.source.audited,
    refused: diagnosis.refused.calls,
    judgements: judge(diagnosis, truth),
  };
}

async function diagnose({ rows }: World): Promise<Diagnosis> {
  const rowsFolder = await mkdtemp(join(tmpdir(), 'doctor-bench-'));
  try {
    await writeFile(join(rowsFolder, 'rows.ndjson'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return await examineRows({
      rowsFolder,
      thresholds: defaultThresholds,
      memoryMegabytes: 500,
      source: { kind: 'cloudtrail', from: null, to: null, events: rows.length, leftOut: [], complete: true },
    });
  } finally {
    await rm(rowsFolder, { recursive: true, force: true });
  }
}
