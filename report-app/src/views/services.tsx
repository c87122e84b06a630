import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { agoInWords, counted } from '../data/days.ts';
import { toCsv } from '../data/export.ts';
import { byText, matcher } from '../data/filter.ts';
import type { Report } from '../data/model.ts';
import { servicesOf, type ServiceUse } from '../data/services.ts';
import { ExportButtons, Section, Text, Scroll } from '../ui/parts.tsx';
import { type Route } from '../data/address.ts';
import { FilterForm, Filter } from '../ui/filters.tsx';
import { listsOf } from '../data/filter-options.ts';
import { SortHeaders, sortingOf } from '../ui/sort-header.tsx';

const columns = [
  ['name', 'Service'],
  ['allowed', 'Principals allowed'],
  ['used', 'Used it'],
  ['lately', 'In the last 90 days'],
  ['unused', 'Never used it'],
  ['last', 'Last use'],
] as const;

const orders: Readonly<Record<string, (a: ServiceUse, b: ServiceUse) => number>> = {
  name: (a, b) => byText(a.namespace, b.namespace),
  allowed: (a, b) => b.allowed - a.allowed,
  used: (a, b) => b.used - a.used,
  lately: (a, b) => b.lately - a.lately,
  unused: (a, b) => b.allowed - b.used - (a.allowed - a.used),
  last: (a, b) => (a.lastUsed ?? 1e6) - (b.lastUsed ?? 1e6),
};

export function ServicesView({ report, route }: { readonly report: Report; readonly route: Route }): JSX.Element {
  const { query } = route;
  const account = query.get('account') ?? '';
  const q = query.get('q') ?? '';
  const sorting = sortingOf(route, 'unused');
  const services = useMemo(() => servicesOf(report, account), [report, account]);
  const matches = matcher(q);
  const sorted = services
    .filter(({ namespace, name }) => matches(`${namespace} ${name}`.toLowerCase()))
    .sort(orders[sorting.column] ?? orders.unused);
  const shown = sorting.descending ? sorted.reverse() : sorted;
  const never = shown.filter(({ used }) => used === 0);
  const lists = useMemo(() => listsOf(report), [report]);
  return (
    <>
      <p class="lead">
        {counted(never.length, 'service')} of {shown.length} {never.length === 1 ? 'is' : 'are'} allowed and used by no
        principal{account === '' ? '' : ' of this account'}.
      </p>
      <FilterForm label="Services" route={route}>
        <Filter label="Account" field="account" route={route} options={lists.accounts} least={2} />
        <ExportButtons
          name={`services-${report.head.run.runId}`}
          count={shown.length}
          csv={() =>
            toCsv(
              ['service', 'name', 'principals_allowed', 'used', 'used_in_90_days', 'accounts'],
              shown.map(({ namespace, name, allowed, used, lately, accounts }) => [
                namespace,
                name,
                ...[allowed, used, lately, accounts].map(String),
              ]),
            )
          }
          json={() => shown}
        />
      </FilterForm>
      <Scroll label="Services">
        <div role="table" aria-label="Services" class="grid services">
          <SortHeaders columns={columns} sorting={sorting} route={route} />
          <div role="rowgroup">
            {shown.map(({ namespace, name, allowed, used, lately, lastUsed }) => (
              <div role="row" class="grid-row" key={namespace}>
                <div role="rowheader">
                  <Text>{name === '' ? namespace : name}</Text> <span class="quiet">{namespace}</span>
                </div>
                <div role="cell" data-title="Principals allowed">
                  {allowed}
                </div>
                <div role="cell" data-title="Used it">
                  <ShareBar part={used} whole={allowed} />
                </div>
                <div role="cell" data-title="In the last 90 days">
                  {lately}
                </div>
                <div role="cell" data-title="Never used it">
                  {allowed - used}
                </div>
                <div role="cell" data-title="Last use">
                  {lastUsed === null ? 'none' : agoInWords(lastUsed)}
                </div>
              </div>
            ))}
          </div>
        </div>
      </Scroll>
      <Proposals report={report} />
      <Stopped report={report} />
    </>
  );
}

const ShareBar = ({ part, whole }: { readonly part: number; readonly whole: number }): JSX.Element => (
  <span class="share">
    {part}
    <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="whole" width="100" height="6" />
      <rect class="part" width={whole === 0 ? 0 : (100 * part) / whole} height="6" />
    </svg>
  </span>
);

/** What service control policies could take away. */
function Proposals({ report }: { readonly report: Report }): JSX.Element | null {
  const { units, run } = report.head;
  if (run.organization?.use === undefined) return null;
  return (
    <Section title="What a service control policy could take away">
      <p>
        Allowed are the services that the service control policies of a unit allow. Used are those of them that a
        principal tried to use in AWS’s tracking period of about 400 days. Nothing applies a proposal. Its file says
        what the data does not show.
      </p>
      {units.length === 0 && <p class="quiet">The use of services by unit is not known.</p>}
      {units.length > 0 && (
        <Scroll label="Proposed service control policies">
          <table>
            <thead>
              <tr>
                <th scope="col">Unit</th>
                <th scope="col" class="number">
                  Accounts
                </th>
                <th scope="col" class="number">
                  Allowed
                </th>
                <th scope="col" class="number">
                  Used
                </th>
                <th scope="col" class="number">
                  Denied by the proposal
                </th>
                <th scope="col">Proposal</th>
              </tr>
            </thead>
            <tbody>
              {units.map(({ id, place, accounts, allowed, used, denied, reason }) => (
                <tr key={id}>
                  <th scope="row">
                    <Text>{place}</Text>
                  </th>
                  <td class="number">{accounts}</td>
                  <td class="number">{allowed ?? 'not known'}</td>
                  <td class="number">{used ?? 'not known'}</td>
                  <td class="number">{denied}</td>
                  <td>
                    <Text>{reason === null ? `runs/${run.runId}/scp/${id}.json` : `None. ${reason}`}</Text>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  );
}

function Stopped({ report }: { readonly report: Report }): JSX.Element | null {
  const { stopped, catalogue } = report.head;
  if (stopped.length === 0) return null;
  const categories = new Map(catalogue);
  return (
    <Section title="Allowed by policies, stopped by the organization">
      <p>
        Policies of these principals allow the action. The service control policies of the organization do not. If a
        service control policy is removed, the principals may have the permission.
      </p>
      <Scroll label="Stopped by the organization">
        <table>
          <thead>
            <tr>
              <th scope="col">Action</th>
              <th scope="col">Category</th>
              <th scope="col" class="number">
                Accounts
              </th>
              <th scope="col" class="number">
                Principals
              </th>
            </tr>
          </thead>
          <tbody>
            {stopped
              .toSorted((a, b) => b[2] - a[2])
              .map(([action, accounts, principals]) => (
                <tr key={action}>
                  <th scope="row">{action}</th>
                  <td>{(categories.get(action) ?? []).join(', ')}</td>
                  <td class="number">{accounts}</td>
                  <td class="number">{principals}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}
