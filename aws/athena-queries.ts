import { GetQueryResultsCommand, type AthenaClient } from '@aws-sdk/client-athena';
import type { Clock, Random } from '../core/ports/clock.ts';
import { PageMarkers } from '../core/ports/pages.ts';
import { rowOf } from '../core/doctor/athena-rows.ts';
import { COLLECT, forAnalysis, periodParameters, type Period } from '../core/doctor/athena-statements.ts';
import type { LogQueries, LogQueryName, LogRow } from '../core/ports/log-queries.ts';
import { AthenaExecutions, type AthenaProgress, type AthenaUse } from './athena-executions.ts';
import { NamedQueries } from './athena-named-queries.ts';

export interface AthenaQueriesOptions {
  readonly client: AthenaClient;
  /** The workgroup that the stack created: its output `DoctorWorkgroupName`. */
  readonly workgroup: string;
  readonly period: Period;
  /** ID of this analysis: lowercase letters, digits and hyphens. No other analysis may have it. */
  readonly analysis: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly onProgress?: (progress: AthenaProgress) => void;
}

/**
 * Runs the questions with Athena, from the named queries of the stack's workgroup. The first question waits until the
 * rows of the period are collected from the logs.
 */
export class AthenaQueries implements LogQueries {
  readonly #options: AthenaQueriesOptions;
  readonly #namedQueries: NamedQueries;
  readonly #executions: AthenaExecutions;
  #collected: Promise<unknown> | null = null;

  constructor(options: AthenaQueriesOptions) {
    const { client, workgroup, clock, random, onProgress = () => undefined } = options;
    this.#options = options;
    this.#executions = new AthenaExecutions({ client, workgroup, clock, random, onProgress });
    this.#namedQueries = new NamedQueries(this.#executions, workgroup);
  }

  /** @throws LogQueryError */
  async ask(query: LogQueryName): Promise<readonly LogRow[]> {
    this.#collected ??= this.#run(COLLECT, periodParameters(this.#options.period));
    await this.#collected;
    return this.#rowsOf(query, await this.#run(query, []));
  }

  /** What the queries have read until now, and what it costs. */
  get use(): AthenaUse {
    return this.#executions.use;
  }

  /** Stops the queries that are running, so that they read no more. @throws LogQueryError */
  stop(): Promise<void> {
    return this.#executions.stop();
  }

  async #run(name: string, parameters: readonly string[]): Promise<string> {
    const statement = forAnalysis(await this.#namedQueries.text(name), this.#options.analysis);
    return this.#executions.run(name, statement, parameters);
  }

  async #rowsOf(query: LogQueryName, execution: string): Promise<LogRow[]> {
    const rows: LogRow[] = [];
    const markers = new PageMarkers<string | undefined>('GetQueryResults');
    let token: string | undefined;
    let isFirstPage = true;
    do {
      const command = new GetQueryResultsCommand({ QueryExecutionId: execution, NextToken: token });
      const page = await this.#executions.send(`the answer of ${query}`, () => this.#options.client.send(command));
      const columns = page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
      const all = page.ResultSet?.Rows ?? [];
      // The names of the columns are the first row of the first page.
      for (const row of isFirstPage ? all.slice(1) : all) rows.push(rowOf(query, columns, row));
      isFirstPage = false;
      token = markers.next(page.NextToken);
    } while (token !== undefined);
    return rows;
  }
}
