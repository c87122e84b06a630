import type { JSX } from 'preact';

interface SortHeaderProps {
  readonly title: string;
  readonly isSorted: boolean;
  readonly descending: boolean;
  readonly onSort: () => void;
}

/** The head of a column that sorts the table. */
export const SortHeader = ({ title, isSorted, descending, onSort }: SortHeaderProps): JSX.Element => (
  <div role="columnheader" aria-sort={isSorted ? (descending ? 'descending' : 'ascending') : 'none'}>
    <button type="button" onClick={onSort}>
      {title} <span aria-hidden="true">{isSorted ? (descending ? '▼' : '▲') : ''}</span>
    </button>
  </div>
);
