import type { JSX } from 'preact';
import type { Route } from '../data/address.ts';
import { choose } from './route.ts';

/** How the address sorts a table. */
export interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

export const sortingOf = ({ query }: Route, byDefault: string): Sorting => ({
  column: query.get('sort') ?? byDefault,
  descending: query.get('order') === 'descending',
});

interface SortHeadersProps {
  readonly columns: readonly (readonly [id: string, title: string])[];
  readonly sorting: Sorting;
  readonly route: Route;
}

/** The heads of the columns. A click sorts by a column, and a second one sorts it the other way. */
export const SortHeaders = ({ columns, sorting, route }: SortHeadersProps): JSX.Element => (
  <div role="rowgroup">
    <div role="row" class="grid-row grid-head" aria-rowindex={1}>
      {columns.map(([id, title]) => {
        const isSorted = sorting.column === id;
        return (
          <div
            key={id}
            role="columnheader"
            aria-sort={isSorted ? (sorting.descending ? 'descending' : 'ascending') : 'none'}
          >
            <button
              type="button"
              onClick={() => {
                choose(route, { sort: id, order: isSorted && !sorting.descending ? 'descending' : '' });
              }}
            >
              {title} <span aria-hidden="true">{isSorted ? (sorting.descending ? '▼' : '▲') : ''}</span>
            </button>
          </div>
        );
      })}
    </div>
  </div>
);
