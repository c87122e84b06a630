import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { severities } from '../../../core/contract/finding.ts';
import { ownerOf } from '../data/answers.ts';
import { agoInWords, counted } from '../data/days.ts';
import { findingCells, findingHeader, findingJson, toCsv } from '../data/export.ts';
import {
  byText,
  filterFindings,
  findingGroups,
  findingOrders,
  findingStates,
  groupFindings,
  sortFindings,
} from '../data/filter.ts';
import type { Finding, Report } from '../data/model.ts';
import { FindingDetail } from '../ui/finding-detail.tsx';
import { Choice, ExportButtons, Search, SeverityTag, Text } from '../ui/parts.tsx';
import { linkTo, type Route } from '../data/address.ts';
import { choose } from '../ui/route.ts';
import { VirtualList, type RowAttributes } from '../ui/virtual-list.tsx';

type Row =
  | { readonly kind: 'group'; readonly key: string; readonly count: number }
  | { readonly kind: 'finding'; readonly finding: Finding };

/** Filters with more values than this are text fields of the search instead. */
const MOST_OPTIONS = 400;

export function FindingsView({ report, route }: { readonly report: Report; readonly route: Route }): JSX.Element {
  const { query } = route;
  const order = query.get('sort') ?? 'severity';
  const group = query.get('group') ?? 'none';
  const open = query.get('open') ?? '';
  const filters = [...query]
    .filter(([key]) => key !== 'open')
    .map(([key, value]) => `${key}=${value}`)
    .join('&');
  const found = useMemo(() => sortFindings(filterFindings(report, query), order), [report, filters]);
  const rows = useMemo(() => rowsOf(found, group), [found, group]);
  const { generatedAt, run } = report.head;
  return (
    <>
      <FindingFilters report={report} route={route} found={found} />
      <div class="toolbar">
        <p role="status">
          {counted(found.length, 'finding')}
          {report.end.omitted.findings > 0 &&
            `; ${report.end.omitted.findings.toLocaleString('en')} less severe ones are only in runs/${run.runId}/findings.csv`}
        </p>
        <ExportButtons
          name={`findings-${run.runId}`}
          count={found.length}
          csv={() =>
            toCsv(
              findingHeader,
              found.map((finding) => findingCells(finding, generatedAt)),
            )
          }
          json={() => found.map((finding) => findingJson(finding, generatedAt))}
        />
      </div>
      <h2 class="hidden">The findings</h2>
      {found.length === 0 && <p class="empty">No finding matches these filters.</p>}
      <VirtualList
        items={rows}
        keyOf={(row) => (row.kind === 'group' ? `group ${row.key}` : row.finding.id)}
        estimate={64}
        class="list"
        row={(row, _index, attributes) =>
          row.kind === 'group' ? (
            <h3 class="group" {...attributes}>
              <Text>{row.key}</Text> <span class="count">{row.count}</span>
            </h3>
          ) : (
            <FindingRow
              finding={row.finding}
              report={report}
              isOpen={row.finding.id === open}
              attributes={attributes}
              onToggle={() => {
                choose(route, { open: row.finding.id === open ? '' : row.finding.id });
              }}
            />
          )
        }
      />
    </>
  );
}

const rowsOf = (findings: readonly Finding[], by: string): readonly Row[] =>
  groupFindings(findings, by).flatMap(({ key, findings: members }): Row[] => [
    ...(by === 'none' ? [] : [{ kind: 'group' as const, key, count: members.length }]),
    ...members.map((finding) => ({ kind: 'finding' as const, finding })),
  ]);

interface FindingRowProps {
  readonly finding: Finding;
  readonly report: Report;
  readonly isOpen: boolean;
  readonly attributes: RowAttributes;
  readonly onToggle: () => void;
}

function FindingRow({ finding, report, isOpen, attributes, onToggle }: FindingRowProps): JSX.Element {
  const { severity, title, state, sinceDaysAgo, rule, accountId } = finding;
  const id = `finding-${finding.id}`;
  return (
    <article class={`row ${isOpen ? 'open' : ''}`} aria-labelledby={id} {...attributes}>
      <button type="button" class="row-head" aria-expanded={isOpen} onClick={onToggle}>
        <SeverityTag severity={severity} />
        <span class="row-title" id={id}>
          <Text>{title}</Text>
        </span>
        <span class="row-meta">
          {state !== 'open' && <span class={`chip ${state}`}>{state}</span>}
          <span>{rule}</span>
          <span>{accountId}</span>
          <span>{agoInWords(sinceDaysAgo)}</span>
        </span>
      </button>
      {isOpen && <FindingDetail finding={finding} report={report} />}
    </article>
  );
}

interface FiltersProps {
  readonly report: Report;
  readonly route: Route;
  readonly found: readonly Finding[];
}

function FindingFilters({ report, route }: FiltersProps): JSX.Element {
  const { query } = route;
  const lists = useMemo(() => listsOf(report), [report]);
  const chosen = new Set((query.get('severity') ?? '').split(',').filter(Boolean));
  const set =
    (key: string) =>
    (value: string): void => {
      choose(route, { [key]: value, open: '' });
    };
  return (
    <form
      class="filters"
      role="search"
      aria-label="Findings"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <Search label="Search" value={query.get('q') ?? ''} onChange={set('q')} />
      <fieldset class="severities">
        <legend>Severity</legend>
        {severities.map((severity) => (
          <label key={severity} class={`toggle ${severity}`}>
            <input
              type="checkbox"
              checked={chosen.has(severity)}
              onChange={() => {
                const next = new Set(chosen);
                if (!next.delete(severity)) next.add(severity);
                set('severity')([...next].join(','));
              }}
            />
            {severity}
          </label>
        ))}
      </fieldset>
      <Choice
        label="State"
        value={query.get('state') ?? 'active'}
        options={findingStates.map((state) => [state, state === 'active' ? 'new and open' : state])}
        onChange={set('state')}
      />
      <Choice
        label="Rule"
        value={query.get('rule') ?? ''}
        options={[['', 'all'], ...several(query.get('rule')), ...lists.rules]}
        onChange={set('rule')}
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
      {lists.owners.length > 0 && (
        <Choice
          label="Owner"
          value={query.get('owner') ?? ''}
          options={[['', 'all'], ...lists.owners]}
          onChange={set('owner')}
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
      {lists.controls.length > 0 && (
        <Choice
          label="Control"
          value={query.get('control') ?? ''}
          options={[['', 'all'], ...lists.controls]}
          onChange={set('control')}
        />
      )}
      <Choice
        label="Sort"
        value={query.get('sort') ?? 'severity'}
        options={findingOrders.map((one) => [one, one])}
        onChange={set('sort')}
      />
      <Choice
        label="Group"
        value={query.get('group') ?? 'none'}
        options={findingGroups.map((one) => [one, one])}
        onChange={set('group')}
      />
      {[...query].some(([key, value]) => value !== '' && key !== 'open') && (
        <a class="button" href={linkTo('findings')}>
          Clear
        </a>
      )}
    </form>
  );
}

type Options = readonly (readonly [string, string])[];

/** Links of the overview choose several rules at once. */
const several = (rule: string | undefined): Options =>
  rule === undefined || !rule.includes(',') ? [] : [[rule, rule.replaceAll(',', ', ')]];

/** The values of the filters that this report has. A filter with too many values is left to the search. */
export function listsOf({
  findings,
  accounts,
  principals,
}: Report): Readonly<Record<'rules' | 'accounts' | 'units' | 'owners' | 'tags' | 'controls', Options>> {
  const rules = new Map<string, number>();
  for (const { rule } of findings) rules.set(rule, (rules.get(rule) ?? 0) + 1);
  const owners = new Set<string>();
  const tags = new Set<string>();
  for (const principal of principals) {
    const owner = ownerOf(principal);
    if (owner !== null) owners.add(owner);
    for (const [key, value] of principal.tags) tags.add(`${key}=${value}`);
  }
  const units = new Set<string>();
  for (const { path } of accounts) {
    const parts = path?.split('/') ?? [];
    parts.forEach((_, index) => units.add(parts.slice(0, index + 1).join('/')));
  }
  const controls = new Set(findings.flatMap(({ ruleText }) => ruleText?.controls ?? []));
  const options = (values: Iterable<string>): Options => {
    const sorted = [...values].sort(byText);
    return sorted.length > MOST_OPTIONS ? [] : sorted.map((value) => [value, value] as const);
  };
  return {
    rules: [...rules].sort(([a], [b]) => byText(a, b)).map(([rule, count]) => [rule, `${rule} (${count})`] as const),
    accounts: accounts.map(
      ({ accountId, name }) =>
        [accountId, name === undefined || name === null ? accountId : `${accountId} ${name}`] as const,
    ),
    units: options(units),
    owners: options(owners),
    tags: options(tags),
    controls: options(controls),
  };
}
