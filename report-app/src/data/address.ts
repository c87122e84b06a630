import type { Query } from './filter.ts';

/** Where the reader is: a view and what is chosen in it. The address has both, so that every view can be linked. */
export interface Route {
  readonly view: string;
  readonly query: Query;
}

export const views = [
  ['overview', 'Overview'],
  ['findings', 'Findings'],
  ['principals', 'Principals'],
  ['map', 'Access map'],
  ['services', 'Services'],
  ['accounts', 'Accounts'],
  ['run', 'The run'],
] as const;

/** Reads `#/findings?severity=high`. An unknown view is the overview. */
export function routeOf(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const known = path === 'principal' || views.some(([id]) => id === path);
  return { view: known ? path : 'overview', query: new Map(new URLSearchParams(search)) };
}

/** The address of a view. Empty values are left out. */
export function linkTo(view: string, query: Readonly<Record<string, string>> | Query = {}): string {
  const entries = [...(query instanceof Map ? query : Object.entries(query))].filter(([, value]) => value !== '');
  const search = new URLSearchParams(entries).toString();
  return `#/${view}${search === '' ? '' : `?${search}`}`;
}

export const linkToPrincipal = (arn: string): string => linkTo('principal', { arn });
