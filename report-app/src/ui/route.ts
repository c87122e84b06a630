import { useEffect, useState } from 'preact/hooks';
import { linkTo, routeOf, type Route } from '../data/address.ts';

/** The current route. Changes with the address. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => {
      setHash(location.hash);
    };
    addEventListener('hashchange', changed);
    return () => {
      removeEventListener('hashchange', changed);
    };
  }, []);
  return routeOf(hash);
}

/** Changes what is chosen in the view. The reader's history gets no entry for each key of a search. */
export function choose({ view, query }: Route, changes: Readonly<Record<string, string>>): void {
  const next = new Map(query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === '') next.delete(key);
    else next.set(key, value);
  }
  history.replaceState(null, '', linkTo(view, next));
  dispatchEvent(new HashChangeEvent('hashchange'));
}
