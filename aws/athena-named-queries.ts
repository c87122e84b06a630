import { BatchGetNamedQueryCommand, ListNamedQueriesCommand } from '@aws-sdk/client-athena';
import { LogQueryError } from '../core/ports/log-queries.ts';
import { PageMarkers } from '../core/ports/pages.ts';
import type { AthenaExecutions } from './athena-executions.ts';

/** Athena API Reference, BatchGetNamedQuery. ListNamedQueries gives as many on a page. */
const MOST_PER_CALL = 50;

/** The texts of a workgroup's named queries. They are read once. */
export class NamedQueries {
  #texts: Promise<ReadonlyMap<string, string>> | null = null;

  constructor(
    private readonly executions: AthenaExecutions,
    private readonly workgroup: string,
  ) {}

  /** @throws LogQueryError if the workgroup has no such query, or if it can't be read */
  async text(name: string): Promise<string> {
    this.#texts ??= this.#read();
    const text = (await this.#texts).get(name);
    if (text !== undefined) return text;
    throw new LogQueryError(
      `The workgroup ${this.workgroup} has no named query "${name}". Deploy the stack of this version with the setting doctor.trailBucket.`,
    );
  }

  async #read(): Promise<ReadonlyMap<string, string>> {
    const { client } = this.executions;
    const texts = new Map<string, string>();
    const markers = new PageMarkers<string | undefined>('ListNamedQueries');
    let token: string | undefined;
    do {
      const list = new ListNamedQueriesCommand({
        WorkGroup: this.workgroup,
        MaxResults: MOST_PER_CALL,
        NextToken: token,
      });
      const page = await this.executions.send('the list of named queries', () => client.send(list));
      const ids = page.NamedQueryIds ?? [];
      if (ids.length > 0) {
        const get = new BatchGetNamedQueryCommand({ NamedQueryIds: ids });
        const { NamedQueries: queries = [] } = await this.executions.send('the list of named queries', () =>
          client.send(get),
        );
        for (const { Name, QueryString } of queries) {
          if (Name !== undefined && QueryString !== undefined) texts.set(Name, QueryString);
        }
      }
      token = markers.next(page.NextToken);
    } while (token !== undefined);
    return texts;
  }
}
