import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { severities } from '../../../core/contract/finding.ts';
import { agoInWords, counted } from '../data/days.ts';
import { principalCells, principalHeader, principalJson, toCsv } from '../data/export.ts';
import { filterPrincipals, rankOf, sortPrincipals } from '../data/filter.ts';
import type { Principal, Report } from '../data/model.ts';
import { accessOf, categoryNames, categoryOrder } from '../data/use.ts';
import { Choice, ExportButtons, PrincipalLink, Search, SeverityTag, StatusTag, Text } from '../ui/parts.tsx';
import { linkTo, type Route } from '../data/address.ts';
import { choose } from '../ui/route.ts';
import { SortHeader } from '../ui/sort-header.tsx';
import { VirtualList, type RowAttributes } from '../ui/virtual-list.tsx';
import { listsOf } from './findings.tsx';

const columns = [
  ['name', 'Principal'],
  ['risk', 'Worst finding'],
  ['activity', 'Last activity'],
  ['services', 'Services used'],
  ['sensitive', 'Sensitive actions: used of allowed'],
] as const;

export function PrincipalsView({ report, route }: { readonly report: Report; readonly route: Route }): JSX.Element {
  const { query } = route;
  const column = query.get('sort') ?? 'risk';
  const descending = query.get('order') === 'descending';
  const address = linkTo('principals', query);
  const found = useMemo(() => sortPrincipals(filterPrincipals(report, query), column, descending), [report, address]);
  const { generatedAt, run } = report.head;
  const set =
    (key: string) =>
    (value: string): void => {
      choose(route, { [key]: value });
    };
  const lists = useMemo(() => listsOf(report), [report]);
  return (
    <>
      <form
        class="filters"
        role="search"
        aria-label="Principals"
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        <Search label="Search" value={query.get('q') ?? ''} onChange={set('q')} />
        <Choice
          label="Type"
          value={query.get('type') ?? ''}
          options={[
            ['', 'all'],
            ['user', 'user'],
            ['role', 'role'],
          ]}
          onChange={set('type')}
        />
        <Choice
          label="Evidence"
          value={query.get('status') ?? ''}
          options={[
            ['', 'all'],
            ['COMPLETE', 'COMPLETE'],
            ['PARTIAL', 'PARTIAL'],
            ['FAILED', 'FAILED'],
          ]}
          onChange={set('status')}
        />
        <Choice
          label="Activity"
          value={query.get('activity') ?? ''}
          options={[
            ['', 'all'],
            ['recent', 'in the last 90 days'],
            ['old', 'longer ago'],
            ['never', 'none in the tracking period'],
            ['unknown', 'not known'],
          ]}
          onChange={set('activity')}
        />
        <Choice
          label="Finding"
          value={query.get('severity') ?? ''}
          options={[['', 'all'], ...severities.map((one) => [one, one] as const)]}
          onChange={set('severity')}
        />
        {lists.accounts.length > 1 && (
          <Choice
            label="Account"
            value={query.get('account') ?? ''}
            options={[['', 'all'], ...lists.accounts]}
            onChange={set('account')}
          />
        )}
        {lists.units.length > 0 && (
          <Choice
            label="Unit"
            value={query.get('unit') ?? ''}
            options={[['', 'all'], ...lists.units]}
            onChange={set('unit')}
          />
        )}
        {lists.tags.length > 0 && (
          <Choice
            label="Tag"
            value={query.get('tag') ?? ''}
            options={[['', 'all'], ...lists.tags]}
            onChange={set('tag')}
          />
        )}
        {query.size > 0 && (
          <a class="button" href={linkTo('principals')}>
            Clear
          </a>
        )}
      </form>
      <div class="toolbar">
        <p role="status">
          {counted(found.length, 'principal')}
          {report.end.omitted.principals > 0 &&
            `; ${report.end.omitted.principals.toLocaleString('en')} more are only in runs/${run.runId}/accounts/<account>/principals.jsonl`}
        </p>
        <ExportButtons
          name={`principals-${run.runId}`}
          count={found.length}
          csv={() =>
            toCsv(
              principalHeader,
              found.map((principal) => principalCells(principal, generatedAt)),
            )
          }
          json={() => found.map((principal) => principalJson(principal, generatedAt))}
        />
      </div>
      {found.length === 0 && <p class="empty">No principal matches these filters.</p>}
      {found.length > 0 && (
        <div role="table" aria-label="Principals" aria-rowcount={found.length + 1} class="grid principals">
          <div role="rowgroup">
            <div role="row" class="grid-row grid-head" aria-rowindex={1}>
              {columns.map(([id, title]) => (
                <SortHeader
                  key={id}
                  title={title}
                  isSorted={column === id}
                  descending={descending}
                  onSort={() => {
                    choose(route, { sort: id, order: column === id && !descending ? 'descending' : '' });
                  }}
                />
              ))}
            </div>
          </div>
          <VirtualList
            items={found}
            keyOf={({ arn }) => arn}
            estimate={58}
            role="rowgroup"
            row={(principal, index, attributes) => (
              <PrincipalRow principal={principal} index={index} attributes={attributes} />
            )}
          />
        </div>
      )}
    </>
  );
}

interface RowProps {
  readonly principal: Principal;
  readonly index: number;
  readonly attributes: RowAttributes;
}

function PrincipalRow({ principal, index, attributes }: RowProps): JSX.Element {
  const { arn, status, account, path, lastAccessedStatus, used, unused } = principal;
  const worst = severities[rankOf(principal)];
  return (
    <div role="row" class="grid-row" aria-rowindex={index + 2} {...attributes}>
      <div role="cell">
        <PrincipalLink arn={arn} isKnown />{' '}
        <span class="quiet">
          <Text>{`${account.accountId}${path === '/' ? '' : ` ${path}`}`}</Text>
        </span>
        {status !== 'COMPLETE' && <StatusTag status={status} />}
      </div>
      <div role="cell" data-title="Worst finding">
        {worst === undefined ? <span class="quiet">none</span> : <SeverityTag severity={worst} />}
      </div>
      <div role="cell" data-title="Last activity">
        {activityInWords(principal)}
      </div>
      <div role="cell" data-title="Services used">
        {lastAccessedStatus === 'COMPLETE' ? `${used.length} of ${used.length + unused.length}` : 'not known'}
      </div>
      <div role="cell" data-title="Sensitive actions">
        <Categories principal={principal} />
      </div>
    </div>
  );
}

export function activityInWords({ activity }: Principal): string {
  if (activity === undefined) return 'not known';
  return activity === null ? 'none tracked' : agoInWords(activity);
}

function Categories({ principal }: { readonly principal: Principal }): JSX.Element {
  if (principal.permissionsStatus === 'FAILED') return <>not known</>;
  const access = accessOf(principal);
  const shown = categoryOrder.flatMap((category) => {
    const one = access.get(category);
    return one === undefined ? [] : [{ category, ...one }];
  });
  if (shown.length === 0) return <span class="quiet">none</span>;
  return (
    <>
      {shown.map(({ category, allowed, used }) => (
        <span key={category} class={`chip access ${used === 0 ? 'unused' : ''}`}>
          {categoryNames[category]}: {used} of {allowed}
        </span>
      ))}
    </>
  );
}
