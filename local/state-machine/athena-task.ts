import * as v from 'valibot';
import type { ResultSet } from '../../core/contract/messages.ts';
import { StateFault } from './faults.ts';
import { parseField } from './parse-field.ts';

/** A query that ended. */
export interface EndedQuery {
  readonly id: string;
  readonly scannedBytes: number;
}

/** Runs queries in place of Amazon Athena. */
export interface QueryTarget {
  /**
   * Runs a statement to its end.
   * @param parameters literals of SQL, in the order of the question marks
   * @throws Error with the reason, if the query failed
   */
  run(statement: string, parameters: readonly string[]): Promise<EndedQuery>;
  /** The first rows of a query's answer, names of columns included. */
  read(id: string, mostRows: number): { readonly resultSet: ResultSet; readonly isPart: boolean };
}

/** Athena API Reference, StartQueryExecution and GetQueryResults. */
const StartArguments = v.strictObject({
  QueryString: v.pipe(v.string(), v.minLength(1), v.maxLength(262_144)),
  WorkGroup: v.string(),
  ExecutionParameters: v.optional(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(1_024))), []),
  ResultConfiguration: v.optional(v.strictObject({})),
});
const ReadArguments = v.strictObject({
  QueryExecutionId: v.string(),
  MaxResults: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)),
});

/** `athena:startQueryExecution.sync`. @throws StateFault */
export async function runQuery(parameters: unknown, queries: QueryTarget): Promise<unknown> {
  const { QueryString, WorkGroup, ExecutionParameters } = parseField(StartArguments, parameters, 'Arguments');
  try {
    const { id, scannedBytes } = await queries.run(QueryString, ExecutionParameters);
    return {
      QueryExecution: {
        QueryExecutionId: id,
        Statistics: { DataScannedInBytes: scannedBytes },
        Status: { State: 'SUCCEEDED' },
        WorkGroup,
      },
    };
  } catch (error: unknown) {
    const execution = { Status: { State: 'FAILED', StateChangeReason: reasonOf(error) }, WorkGroup };
    throw new StateFault('States.TaskFailed', JSON.stringify(execution), { cause: error });
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `athena:getQueryResults`. @throws StateFault */
export function readAnswer(parameters: unknown, queries: QueryTarget): unknown {
  const { QueryExecutionId, MaxResults } = parseField(ReadArguments, parameters, 'Arguments');
  try {
    const { resultSet, isPart } = queries.read(QueryExecutionId, MaxResults);
    return { ResultSet: resultSet, UpdateCount: 0, ...(isPart ? { NextToken: 'next' } : {}) };
  } catch (error: unknown) {
    throw new StateFault('Athena.InvalidRequestException', reasonOf(error), { cause: error });
  }
}
