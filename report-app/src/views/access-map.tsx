import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { ESCALATION_RULES } from '../data/answers.ts';
import { counted } from '../data/days.ts';
import { toCsv } from '../data/export.ts';
import { filterPrincipals, rankOf } from '../data/filter.ts';
import { shortName, type Principal, type Report } from '../data/model.ts';
import { accessOf, shortCategoryNames, categoryOrder, type CategoryAccess } from '../data/use.ts';
import { graphOf, waysToAdministrator, type WayGroup } from '../data/ways.ts';
import { ExportButtons, PrincipalLink, Section, Text, Scroll } from '../ui/parts.tsx';
import { linkTo, linkToPrincipal, type Route } from '../data/address.ts';
import { VirtualList } from '../ui/virtual-list.tsx';
import { WayGraphPicture } from '../ui/way-graph.tsx';
import { FilterForm } from '../ui/filters.tsx';

/** More ways than this can't be read as a picture. The list has all of them. */
const MOST_DRAWN = 14;
/** Columns of services, those with the most principals first. */
const MOST_SERVICES = 10;
/** Ways in the list at first. */
const MOST_LISTED = 40;

export function AccessMap({ report, route }: { readonly report: Report; readonly route: Route }): JSX.Element {
  const groups = useMemo(() => waysToAdministrator(report), [report]);
  return (
    <>
      <Ways report={report} groups={groups} />
      <Matrix report={report} route={route} />
    </>
  );
}

function Ways({ report, groups }: { readonly report: Report; readonly groups: readonly WayGroup[] }): JSX.Element {
  const drawn = groups.slice(0, MOST_DRAWN);
  const graph = useMemo(() => graphOf(drawn, shortName), [groups]);
  const openNode = (id: string): void => {
    const node = graph.nodes.find((one) => one.id === id);
    if (node === undefined) return;
    if (node.arn !== null) location.hash = linkToPrincipal(node.arn);
    else location.hash = linkTo('findings', { rule: ESCALATION_RULES.join(',') });
  };
  return (
    <Section title="Ways to administrator permissions">
      {groups.length === 0 && <p>No way to administrator permissions was found.</p>}
      {groups.length > 0 && (
        <>
          <p>
            The shortest way of each principal.{' '}
            {groups.length > MOST_DRAWN ? `The picture shows the ${MOST_DRAWN} ways of the most principals. ` : ''}
            Dashed: under conditions, or on facts that are not known.
          </p>
          <WayGraphPicture graph={graph} onOpen={openNode} />
          <details>
            <summary>{counted(groups.length, 'way')} as a list</summary>
            <ol>
              {groups.slice(0, MOST_LISTED).map(({ key, path, findings, isCertain }) => (
                <li key={key}>
                  {findings.slice(0, 5).map(({ arn, principal }, index) => (
                    <span key={arn}>
                      {index > 0 && ', '}
                      <PrincipalLink arn={arn} isKnown={principal !== null} />
                    </span>
                  ))}
                  {findings.length > 5 && ` and ${findings.length - 5} more`}
                  <Text>{`: ${path.steps.map(({ actions, by, to, from }) => `${by === 'trust' ? 'trust policy' : actions.join(' + ')}${to === from ? '' : ` → ${shortName(to)}`}`).join(', then ')}`}</Text>
                  {!isCertain && <span class="chip">under conditions</span>}
                </li>
              ))}
            </ol>
            {groups.length > MOST_LISTED && (
              <p class="quiet">and {groups.length - MOST_LISTED} more ways: see the findings.</p>
            )}
          </details>
        </>
      )}
      {report.end.omitted.findings > 0 && <p class="quiet">Findings that are not in this report have further ways.</p>}
    </Section>
  );
}

function Matrix({ report, route }: { readonly report: Report; readonly route: Route }): JSX.Element {
  const q = route.query.get('q') ?? '';
  const rows = useMemo(
    () =>
      filterPrincipals(report, new Map([['q', q]]))
        .filter(({ decisions }) => decisions.length > 0)
        .map((principal) => ({ principal, access: accessOf(principal) }))
        .sort((a, b) => rankOf(a.principal) - rankOf(b.principal) || allowed(b.access) - allowed(a.access)),
    [report, q],
  );
  const columns = useMemo(() => columnsOf(report), [report]);
  const cellText = (principal: Principal, one: CategoryAccess | undefined): string =>
    principal.permissionsStatus === 'FAILED' ? 'not known' : one === undefined ? '' : `${one.used}/${one.allowed}`;
  return (
    <Section title="Principals and sensitive actions">
      <p>
        Each cell: sensitive actions that were used, of those that are allowed. Where AWS does not track an action, the
        use of its service counts. Striped cells were never used: their permissions can be removed first.
      </p>
      <FilterForm label="Access map" route={route}>
        <ExportButtons
          name={`access-map-${report.head.run.runId}`}
          count={rows.length}
          csv={() =>
            toCsv(
              ['principal', ...columns.map(({ title }) => title)],
              rows.map(({ principal, access }) => [
                principal.arn,
                ...columns.map(({ key }) => cellText(principal, access.get(key))),
              ]),
            )
          }
          json={() =>
            rows.map(({ principal, access }) => ({ principal: principal.arn, access: Object.fromEntries(access) }))
          }
        />
      </FilterForm>
      {rows.length === 0 && <p class="empty">No principal may use a sensitive action.</p>}
      {rows.length > 0 && (
        <Scroll label="Principals and sensitive actions" class="matrix-scroll">
          <div
            role="table"
            aria-label="Principals and sensitive actions"
            aria-rowcount={rows.length + 1}
            class="matrix"
          >
            <div role="rowgroup">
              <div role="row" class="matrix-row matrix-head" aria-rowindex={1}>
                <div role="columnheader">Principal</div>
                {columns.map(({ key, title }) => (
                  <div key={key} role="columnheader">
                    {title}
                  </div>
                ))}
              </div>
            </div>
            <VirtualList
              items={rows}
              keyOf={({ principal }) => principal.arn}
              estimate={34}
              role="rowgroup"
              row={({ principal, access }, index, attributes) => (
                <div role="row" class="matrix-row" aria-rowindex={index + 2} {...attributes}>
                  <div role="rowheader">
                    <PrincipalLink arn={principal.arn} isKnown />
                  </div>
                  {columns.map(({ key }) => {
                    const one = access.get(key);
                    return (
                      <div key={key} role="cell" class={`cell ${levelOf(one)}`}>
                        {cellText(principal, one)}
                      </div>
                    );
                  })}
                </div>
              )}
            />
          </div>
        </Scroll>
      )}
    </Section>
  );
}

const allowed = (access: ReadonlyMap<string, CategoryAccess>): number =>
  categoryOrder.reduce((sum, category) => sum + (access.get(category)?.allowed ?? 0), 0);

function levelOf(access: CategoryAccess | undefined): string {
  if (access === undefined) return '';
  const level = access.allowed >= 20 ? 'much' : access.allowed >= 5 ? 'some' : 'little';
  return access.used === 0 ? `${level} never` : level;
}

function columnsOf({ principals }: Report): readonly { readonly key: string; readonly title: string }[] {
  const services = new Map<string, number>();
  for (const principal of principals) {
    for (const key of accessOf(principal).keys()) {
      if (key.startsWith('service:')) services.set(key, (services.get(key) ?? 0) + 1);
    }
  }
  const most = [...services].sort(([, a], [, b]) => b - a).slice(0, MOST_SERVICES);
  return [
    ...categoryOrder.map((key) => ({ key, title: shortCategoryNames[key] ?? key })),
    ...most.map(([key]) => ({ key, title: key.slice('service:'.length) })),
  ];
}
