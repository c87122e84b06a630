import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { severities } from '../../../core/contract/finding.ts';
import { agoInWords, counted } from '../data/days.ts';
import { findingCells, findingHeader, findingJson, toCsv } from '../data/export.ts';
import {
  filterFindings,
  findingGroups,
  findingOrders,
  findingStates,
  groupFindings,
  sortFindings,
} from '../data/filter.ts';
import type { Finding, Report } from '../data/model.ts';
import { FindingDetail } from '../ui/finding-detail.tsx';
import { Choice, ExportButtons, SeverityTag, Text } from '../ui/parts.tsx';
import { type Route } from '../data/address.ts';
import { choose } from '../ui/route.ts';
import { VirtualList, type RowAttributes } from '../ui/virtual-list.tsx';
import { FilterForm, Filter, setFilter } from '../ui/filters.tsx';
import { plainOptions, listsOf, type Options } from '../data/filter-options.ts';

type Row =
  | { readonly kind: 'group'; readonly key: string; readonly count: number }
  | { readonly kind: 'finding'; readonly finding: Finding };

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
      <FindingFilters report={report} route={route} />
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

/** Links of the overview choose several rules at once. */
const several = (rule: string | undefined): Options =>
  rule === undefined || !rule.includes(',') ? [] : [[rule, rule.replaceAll(',', ', ')]];

function FindingFilters({ report, route }: { readonly report: Report; readonly route: Route }): JSX.Element {
  const { query } = route;
  const lists = useMemo(() => listsOf(report), [report]);
  const chosen = new Set((query.get('severity') ?? '').split(',').filter(Boolean));
  return (
    <FilterForm label="Findings" route={route}>
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
                setFilter(route, 'severity')([...next].join(','));
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
        onChange={setFilter(route, 'state')}
      />
      <Filter
        label="Rule"
        field="rule"
        route={route}
        options={[...several(query.get('rule')), ...lists.rules]}
        least={0}
      />
      <Filter label="Account" field="account" route={route} options={lists.accounts} least={2} />
      <Filter label="Unit" field="unit" route={route} options={lists.units} />
      <Filter label="Owner" field="owner" route={route} options={lists.owners} />
      <Filter label="Tag" field="tag" route={route} options={lists.tags} />
      <Filter label="Control" field="control" route={route} options={lists.controls} />
      <Choice
        label="Sort"
        value={query.get('sort') ?? 'severity'}
        options={plainOptions(findingOrders)}
        onChange={setFilter(route, 'sort')}
      />
      <Choice
        label="Group"
        value={query.get('group') ?? 'none'}
        options={plainOptions(findingGroups)}
        onChange={setFilter(route, 'group')}
      />
    </FilterForm>
  );
}
