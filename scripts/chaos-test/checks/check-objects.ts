import {
  BatchLine,
  CarriedLine,
  FailedInvocations,
  InventoryLine,
  StoredEvidence,
  UncarriedLine,
  WorklistLine,
} from '../../../core/contract/account-objects.ts';
import { PrincipalRecord } from '../../../core/contract/evidence.ts';
import { AccountSummary, RunSummary } from '../../../core/contract/run.ts';
import { StoredPaceMemory } from '../../../core/pacing/pace-memory.ts';
import { RecentPaces } from '../../../core/pacing/starting-pace.ts';
import type { ObjectStore } from '../../../core/ports/store.ts';
import * as v from 'valibot';

/** The schema of each line, or of the whole object, by the end of its key. */
const lineSchemas: readonly (readonly [RegExp, v.GenericSchema])[] = [
  [/\/inventory\.jsonl$/, InventoryLine],
  [/\/worklist\.jsonl$/, WorklistLine],
  [/\/carried\.jsonl$/, CarriedLine],
  [/\/uncarried\.jsonl$/, UncarriedLine],
  [/\/principals\.jsonl$/, PrincipalRecord],
  [/\/batches\/[^/]+\.jsonl$/, BatchLine],
  [/\/evidence\.jsonl\.gz$/, StoredEvidence],
];
const objectSchemas: readonly (readonly [RegExp, v.GenericSchema])[] = [
  [/\/run\.json$/, RunSummary],
  [/\/account\.json$/, AccountSummary],
  [/\/failed-invocations\.json$/, FailedInvocations],
  [/^state\/accounts\/pace\.json$/, RecentPaces],
  [/\/(?!accounts\/)[^/]+\/pace\.json$/, StoredPaceMemory],
];

const Json = v.pipe(v.string(), v.parseJson());

/** Every object must be whole: of its schema, with its last line, with the end of its format. */
export async function checkObjects(store: ObjectStore): Promise<string[]> {
  const violations: string[] = [];
  for await (const key of store.list('')) {
    const text = key.endsWith('.gz') ? await linesOf(store, key) : ((await store.read(key))?.text ?? '');
    const fault = faultOf(key, text);
    if (fault !== null) violations.push(`${key} is not whole: ${fault}`);
  }
  return violations;
}

/** The text of a compressed object. @throws DamagedObject if its compression does not end */
async function linesOf(store: ObjectStore, key: string): Promise<string> {
  let text = '';
  for await (const line of store.readLines(key)) text += `${line}\n`;
  return text;
}

function faultOf(key: string, text: string): string | null {
  if (key.endsWith('.html')) return text.trimEnd().endsWith('</html>') ? null : 'its HTML does not end';
  if (key.endsWith('.parquet'))
    return text.startsWith('PAR1') && text.endsWith('PAR1') ? null : 'it is no Parquet file';
  if (/\.jsonl(\.gz)?$/.test(key)) {
    const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
    const schema = schemaFor(key, lineSchemas);
    const broken = lines.findIndex((line) => !v.is(v.pipe(Json, schema), line));
    if (broken >= 0) return `line ${broken + 1} of ${lines.length} is not valid`;
    if (!text.endsWith('\n') && text !== '') return 'its last line does not end';
    if (key.includes('/batches/') && !(lines.at(-1) ?? '').includes('"kind":"end"'))
      return 'it has no end of the attempt';
    return null;
  }
  if (!key.endsWith('.json')) return null;
  return v.is(v.pipe(Json, schemaFor(key, objectSchemas)), text) ? null : 'it is not valid JSON of its schema';
}

const schemaFor = (key: string, schemas: typeof lineSchemas): v.GenericSchema =>
  schemas.find(([pattern]) => pattern.test(key))?.[1] ?? v.unknown();
