import { Finding } from '../contract/finding.ts';
import { administrator } from '../findings/rules/permissions/administrator.ts';
import { objects } from '../contract/objects.ts';
import { tables, type TableName, type TableRow } from '../contract/tables/tables.ts';
import { readPrincipalScope, recordsOf } from '../objects/stored-runs.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readObjectLines } from '../ports/stored-objects.ts';
import { dateOfRun } from './date-of-run.ts';
import { findingRow, pathRows } from './finding-rows.ts';
import { permissionRows, principalRow, serviceRows } from './principal-rows.ts';
import { tableLimits, TableWriter, type TableLimits } from './table-writer.ts';

/**
 * Writes the rows of an account: those of its records, and those of its findings. They replace the rows of an earlier run of
 * the same day, so that a day has each principal once. Nothing for a run of some principals: the other principals of the day
 * would be lost. Safe to repeat.
 * @returns whether the tables were written. @throws StoreError
 */
export async function writeAccountTables(
  store: ObjectStore,
  { runId, accountId }: { readonly runId: string; readonly accountId: string },
  limits: TableLimits = tableLimits,
): Promise<boolean> {
  const scope = await readPrincipalScope(store, runId);
  if ((scope?.principals ?? 'all') !== 'all') return false;
  const files = new TableFiles(store, dateOfRun(runId), accountId, limits);
  const findings = (): AsyncIterable<Finding> =>
    readObjectLines(store, objects.accountFindings(runId, accountId), Finding);
  const administrators = await administratorsIn(findings());
  await files.write(['principals', 'service_access', 'permissions'], async (writers) => {
    for await (const record of recordsOf(store, runId, accountId)) {
      await writers.principals.add(principalRow(runId, record, administrators));
      for (const row of serviceRows(runId, record)) await writers.service_access.add(row);
      for (const row of permissionRows(runId, record)) await writers.permissions.add(row);
    }
  });
  await writeFindings(files, runId, findings());
  return true;
}

/** ARNs of the principals that are reported as administrators without conditions. */
async function administratorsIn(findings: AsyncIterable<Finding>): Promise<Set<string>> {
  const arns = new Set<string>();
  for await (const { rule, principalArn, evidence } of findings) {
    const { conditional } = evidence;
    if (rule === administrator.id && Array.isArray(conditional) && conditional.length === 0) arns.add(principalArn);
  }
  return arns;
}

/** In the place of an account: its files have rows of several accounts. */
const ALL_ACCOUNTS = '000000000000';

/**
 * Writes the rows of the findings that compare accounts. They replace those of an earlier run of the same day, so only for
 * runs of all accounts and principals. Safe to repeat.
 * @throws StoreError
 */
export async function writeAcrossAccountsTables(
  store: ObjectStore,
  runId: string,
  limits: TableLimits = tableLimits,
): Promise<void> {
  const files = new TableFiles(store, dateOfRun(runId), ALL_ACCOUNTS, limits);
  await writeFindings(files, runId, readObjectLines(store, objects.acrossAccounts(runId), Finding));
}

const writeFindings = (files: TableFiles, runId: string, findings: AsyncIterable<Finding>): Promise<void> =>
  files.write(['findings', 'access_paths'], async (writers) => {
    for await (const finding of findings) {
      await writers.findings.add(findingRow(runId, finding));
      for (const row of pathRows(runId, finding)) await writers.access_paths.add(row);
    }
  });

type Writers = {
  readonly [Name in TableName]: Pick<TableWriter, 'end' | 'abandon'> & {
    readonly add: (row: TableRow<Name>) => Promise<void>;
  };
};

class TableFiles {
  constructor(
    private readonly store: ObjectStore,
    private readonly date: string,
    private readonly accountId: string,
    private readonly limits: TableLimits,
  ) {}

  /** Writes some tables in one pass. */
  async write(names: readonly TableName[], fill: (writers: Writers) => Promise<void>): Promise<void> {
    const writers: Writers = {
      principals: this.#writer('principals'),
      service_access: this.#writer('service_access'),
      permissions: this.#writer('permissions'),
      access_paths: this.#writer('access_paths'),
      findings: this.#writer('findings'),
      runs: this.#writer('runs'),
    };
    try {
      await fill(writers);
      for (const name of names) {
        const parts = await writers[name].end();
        await this.#emptyFrom(name, parts);
      }
    } catch (error: unknown) {
      const reason = error instanceof Error ? error : new Error(String(error));
      for (const name of names) await writers[name].abandon(reason);
      throw reason;
    }
  }

  #writer(name: TableName): TableWriter {
    return new TableWriter(this.store, tables[name].columns, this.#keyOf(name), this.limits);
  }

  #keyOf(name: TableName): (part: number) => string {
    return (part) => objects.tableFile(name, this.date, this.accountId, part);
  }

  /** An earlier run of the day may have written more files. The functions may not delete objects, so the files get no rows. */
  async #emptyFrom(name: TableName, firstPart: number): Promise<void> {
    const keyOf = this.#keyOf(name);
    for (let part = firstPart; await this.store.exists(keyOf(part)); part += 1) {
      await new TableWriter(this.store, tables[name].columns, () => keyOf(part), this.limits).end();
    }
  }
}
