import { byText } from './filter.ts';
import type { Account, Report } from './model.ts';

/** A unit of the organization, with its accounts and the units below it. */
export interface Unit {
  readonly name: string;
  readonly path: string;
  readonly units: readonly Unit[];
  readonly accounts: readonly Account[];
  /** Of all accounts in and below it. */
  readonly totals: { readonly accounts: number; readonly principals: number; readonly notComplete: number };
}

/** The tree of the organization. Accounts without a known place are in a unit without a name. */
export function treeOf({ accounts }: Pick<Report, 'accounts'>): Unit {
  interface Building {
    readonly name: string;
    readonly path: string;
    readonly units: Map<string, Building>;
    readonly accounts: Account[];
  }
  const root: Building = { name: '', path: '', units: new Map(), accounts: [] };
  for (const account of accounts) {
    let at = root;
    let path = '';
    for (const name of account.path?.split('/') ?? []) {
      path = path === '' ? name : `${path}/${name}`;
      const below = at.units.get(name) ?? { name, path, units: new Map(), accounts: [] };
      at.units.set(name, below);
      at = below;
    }
    at.accounts.push(account);
  }
  const finished = ({ name, path, units, accounts: own }: Building): Unit => {
    const below = [...units.values()].map(finished).sort((a, b) => byText(a.name, b.name));
    const sum = (of: (account: Account) => number, ofUnit: (unit: Unit) => number): number =>
      own.reduce((total, one) => total + of(one), 0) + below.reduce((total, one) => total + ofUnit(one), 0);
    return {
      name,
      path,
      units: below,
      accounts: own,
      totals: {
        accounts: sum(
          () => 1,
          ({ totals }) => totals.accounts,
        ),
        principals: sum(
          ({ principals }) => principals.total,
          ({ totals }) => totals.principals,
        ),
        notComplete: sum(
          ({ status }) => (status === 'COMPLETE' ? 0 : 1),
          ({ totals }) => totals.notComplete,
        ),
      },
    };
  };
  return finished(root);
}
