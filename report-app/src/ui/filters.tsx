import type { ComponentChildren, JSX } from 'preact';
import { linkTo, type Route } from '../data/address.ts';
import type { Options } from '../data/filter-options.ts';
import { Choice, Search } from './parts.tsx';
import { choose } from './route.ts';

/** Sets a filter of the view. What is open in the view may not match it, so it is closed. */
export const setFilter =
  (route: Route, field: string) =>
  (value: string): void => {
    choose(route, { [field]: value, open: '' });
  };

interface FilterFormProps {
  readonly label: string;
  readonly route: Route;
  readonly children: ComponentChildren;
}

/** The search of a view, its filters, and a link that clears them. */
export const FilterForm = ({ label, route, children }: FilterFormProps): JSX.Element => (
  <form
    class="filters"
    role="search"
    aria-label={label}
    onSubmit={(event) => {
      event.preventDefault();
    }}
  >
    <Search label="Search" value={route.query.get('q') ?? ''} onChange={setFilter(route, 'q')} />
    {children}
    {[...route.query].some(([field, value]) => value !== '' && field !== 'open') && (
      <a class="button" href={linkTo(route.view)}>
        Clear
      </a>
    )}
  </form>
);

interface FilterProps {
  readonly label: string;
  /** The field of the address. */
  readonly field: string;
  readonly route: Route;
  readonly options: Options;
  /** With fewer options there is nothing to choose. */
  readonly least?: number;
}

/** A filter by one value, or by none. */
export function Filter({ label, field, route, options, least = 1 }: FilterProps): JSX.Element | null {
  if (options.length < least) return null;
  return (
    <Choice
      label={label}
      value={route.query.get(field) ?? ''}
      options={[['', 'all'], ...options]}
      onChange={setFilter(route, field)}
    />
  );
}
