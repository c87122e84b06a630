import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { severities } from '../../../core/contract/finding.ts';
import { agoInWords, counted } from '../data/days.ts';
import { principalCells, principalHeader, principalJson, toCsv } from '../data/export.ts';
import { filterPrincipals, rankOf, sortPrincipals } from '../data/filter.ts';
import type { Principal, Report } from '../data/model.ts';
import { accessOf, categoryNames, categoryOrder } from '../data/use.ts';
import { ExportButtons, PrincipalLink, SeverityTag, StatusTag, Text } from '../ui/parts.tsx';
import { linkTo, type Route } from '../data/address.ts';
import { VirtualList, type RowAttributes } from '../ui/virtual-list.tsx';
import { FilterForm, Filter } from '../ui/filters.tsx';
import { plainOptions, statuses, listsOf } from '../data/filter-options.ts';
import { SortHeaders, sortingOf } from '../ui/sort-header.tsx';

const columns = [
  ['name', 'Principal'],
  ['risk', 'Worst finding'],
  ['activity', 'Last activity'],
  ['services', 'Services used'],
  ['sensitive', 'Sensitive actions: used of allowed'],
] as const;

export function PrincipalsView({ report, route }: { readonly report: Report; readonly route: Route }): JSX.Element {
  const { query } = route;
  const sorting = sortingOf(route, 'risk');
  const address = linkTo('principals', query);
  const found = useMemo(
    () => sortPrincipals(filterPrincipals(report, query), sorting.column, sorting.descending),
    [report, address],
  );
  const { generatedAt, run } = report.head;
  const lists = useMemo(() => listsOf(report), [report]);
  return (
    <>
      <FilterForm label="Principals" route={route}>
        <Filter label="Type" field="type" route={route} options={plainOptions(['user', 'role'])} />
        <Filter label="Evidence" field="status" route={route} options={plainOptions(statuses)} />
        <Filter
          label="Activity"
          field="activity"
          route={route}
          options={[
            ['recent', 'in the last 90 days'],
            ['old', 'longer ago'],
            ['never', 'none in the tracking period'],
            ['unknown', 'not known'],
          ]}
        />
        <Filter label="Finding" field="severity" route={route} options={plainOptions(severities)} />
        <Filter label="Account" field="account" route={route} options={lists.accounts} least={2} />
        <Filter label="Unit" field="unit" route={route} options={lists.units} />
        <Filter label="Tag" field="tag" route={route} options={lists.tags} />
      </FilterForm>
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
          <SortHeaders columns={columns} sorting={sorting} route={route} />
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
