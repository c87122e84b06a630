import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { severities } from '../../../core/contract/finding.ts';
import { counted } from '../data/days.ts';
import { toCsv } from '../data/export.ts';
import { isBelow, matcher } from '../data/filter.ts';
import { isActive, type Account, type Report } from '../data/model.ts';
import { treeOf, type Unit } from '../data/tree.ts';
import { ExportButtons, Section, StatusTag, Text, Scroll } from '../ui/parts.tsx';
import { linkTo, type Route } from '../data/address.ts';
import { VirtualList } from '../ui/virtual-list.tsx';
import { FilterForm, Filter } from '../ui/filters.tsx';
import { plainOptions, statuses } from '../data/filter-options.ts';

export function AccountsView({ report, route }: { readonly report: Report; readonly route: Route }): JSX.Element {
  const { query } = route;
  const q = query.get('q') ?? '';
  const status = query.get('status') ?? '';
  const unit = query.get('unit') ?? '';
  const tree = useMemo(() => treeOf(report), [report]);
  const counts = useMemo(() => severitiesByAccount(report), [report]);
  const matches = matcher(q);
  const shown = report.accounts.filter(
    (account) =>
      (status === '' || account.status === status) &&
      (unit === '' || isBelow(account.path, unit)) &&
      matches(`${account.accountId} ${account.name ?? ''} ${account.path ?? ''}`.toLowerCase()),
  );
  const { run } = report.head;
  const share = costShares(report);
  return (
    <>
      {tree.units.length > 0 && (
        <Section title="The organization">
          <ul class="tree">
            {tree.units.map((one) => (
              <UnitBranch key={one.path} unit={one} chosen={unit} />
            ))}
          </ul>
        </Section>
      )}
      <FilterForm label="Accounts" route={route}>
        <Filter label="Status" field="status" route={route} options={plainOptions(statuses)} />
        <ExportButtons
          name={`accounts-${run.runId}`}
          count={shown.length}
          csv={() =>
            toCsv(
              ['account', 'name', 'unit', 'status', 'principals', 'complete', 'calls', 'throttled', 'error'],
              shown.map((account) => [
                account.accountId,
                account.name ?? '',
                account.path ?? '',
                account.status,
                String(account.principals.total),
                String(account.principals.complete),
                String(account.calls?.sent ?? ''),
                String(account.calls?.throttled ?? ''),
                account.error === undefined ? '' : `${account.error.code}: ${account.error.message}`,
              ]),
            )
          }
          json={() => shown}
        />
      </FilterForm>
      <p role="status">{counted(shown.length, 'account')}</p>
      <Scroll label="Accounts">
        <div role="table" aria-label="Accounts" aria-rowcount={shown.length + 1} class="grid accounts">
          <div role="rowgroup">
            <div role="row" class="grid-row grid-head" aria-rowindex={1}>
              {['Account', 'Status', 'Principals', 'Findings', 'Root user', 'Calls', 'Cost'].map((title) => (
                <div key={title} role="columnheader">
                  {title}
                </div>
              ))}
            </div>
          </div>
          <VirtualList
            items={shown}
            keyOf={({ accountId }) => accountId}
            estimate={56}
            role="rowgroup"
            row={(account, index, attributes) => (
              <div role="row" class="grid-row" aria-rowindex={index + 2} {...attributes}>
                <div role="cell">
                  <a href={linkTo('findings', { account: account.accountId })}>{account.accountId}</a>{' '}
                  <Text>{account.name ?? ''}</Text>
                  <span class="quiet">
                    {' '}
                    <Text>{account.path ?? ''}</Text>
                  </span>
                </div>
                <div role="cell" data-title="Status">
                  <StatusTag status={account.status} />
                  {account.error !== undefined && (
                    <span class="quiet">
                      {' '}
                      <Text>{`${account.error.code}: ${account.error.message}`}</Text>
                    </span>
                  )}
                </div>
                <div role="cell" data-title="Principals">
                  <a href={linkTo('principals', { account: account.accountId })}>{account.principals.total}</a>
                  {account.principals.complete < account.principals.total &&
                    `, ${account.principals.complete} complete`}
                </div>
                <div role="cell" data-title="Findings">
                  {findingsInWords(counts.get(account.accountId))}
                </div>
                <div role="cell" data-title="Root user">
                  {account.root}
                </div>
                <div role="cell" data-title="Calls">
                  {account.calls === undefined
                    ? 'not known'
                    : `${account.calls.sent}, ${account.calls.throttled} throttled`}
                  {account.durationSeconds !== undefined && (
                    <span class="quiet"> in {Math.round(account.durationSeconds)} s</span>
                  )}
                </div>
                <div role="cell" data-title="Cost">
                  {dollars(share(account))}
                </div>
              </div>
            )}
          />
        </div>
      </Scroll>
      <p class="quiet">The cost of an account is its share of the run’s cost, by calls.</p>
    </>
  );
}

export const dollars = (amount: number): string => `$${amount.toFixed(amount < 1 ? 4 : 2)}`;

/** An account's part of the cost, in the proportion of its calls. */
function costShares({ accounts, head }: Report): (account: Account) => number {
  const all = accounts.reduce((sum, { calls }) => sum + (calls?.sent ?? 0), 0);
  return ({ calls }) => (all === 0 ? 0 : (head.run.cost.total * (calls?.sent ?? 0)) / all);
}

function UnitBranch({ unit, chosen }: { readonly unit: Unit; readonly chosen: string }): JSX.Element {
  const { name, path, units, totals } = unit;
  const label = (
    <>
      <a href={linkTo('accounts', { unit: path })} aria-current={path === chosen ? 'true' : undefined}>
        <Text>{name}</Text>
      </a>{' '}
      <span class="quiet">
        {counted(totals.accounts, 'account')}, {counted(totals.principals, 'principal')}
        {totals.notComplete > 0 && `, ${totals.notComplete} not complete`}
      </span>
    </>
  );
  return (
    <li>
      {label}
      {units.length > 0 && (
        <ul>
          {units.map((one) => (
            <UnitBranch key={one.path} unit={one} chosen={chosen} />
          ))}
        </ul>
      )}
    </li>
  );
}

type Counts = Readonly<Record<string, number>>;

function severitiesByAccount({ findings }: Report): ReadonlyMap<string, Counts> {
  const accounts = new Map<string, Record<string, number>>();
  for (const finding of findings) {
    if (!isActive(finding)) continue;
    const counts = accounts.get(finding.accountId) ?? {};
    counts[finding.severity] = (counts[finding.severity] ?? 0) + 1;
    accounts.set(finding.accountId, counts);
  }
  return accounts;
}

function findingsInWords(counts: Counts | undefined): JSX.Element {
  if (counts === undefined) return <span class="quiet">none</span>;
  return (
    <>
      {severities.map((severity) => {
        const count = counts[severity] ?? 0;
        return count === 0 ? null : (
          <span key={severity} class={`tag severity ${severity}`}>
            {count} {severity}
          </span>
        );
      })}
    </>
  );
}
