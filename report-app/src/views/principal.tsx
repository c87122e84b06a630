import type { JSX } from 'preact';
import { managerNames } from '../../../core/wording/manager-names.ts';
import { partyInWords } from '../../../core/wording/trust-in-words.ts';
import { agoInWords, counted, dayOf } from '../data/days.ts';
import {
  isActive,
  shortName,
  type AccessPath,
  type Decision,
  type Finding,
  type Principal,
  type Report,
} from '../data/model.ts';
import { documentKey } from '../data/model.ts';
import { pretty } from '../data/policy-text.ts';
import { categoryNames, categoryOrder, grantOf, useOfAction } from '../data/use.ts';
import { FindingDetail } from '../ui/finding-detail.tsx';
import { Code, Facts, PrincipalLink, Section, SeverityTag, StatusTag, Text, Scroll } from '../ui/parts.tsx';
import { PathSteps } from '../ui/path-steps.tsx';
import { linkTo } from '../data/address.ts';
import { UseTimeline } from '../ui/use-timeline.tsx';
import { activityInWords } from './principals.tsx';

/** Everything about one principal. */
export function PrincipalView({ report, arn }: { readonly report: Report; readonly arn: string }): JSX.Element {
  const principal = report.byArn.get(arn);
  if (principal === undefined) {
    return (
      <p class="empty">
        <Text>{`This report has no principal ${arn}.`}</Text> <a href={linkTo('principals')}>All principals</a>
      </p>
    );
  }
  const { account, status, tags, createdDaysAgo, problems, managedBy } = principal;
  const { generatedAt } = report.head;
  return (
    <>
      <p class="arn">
        <Text>{principal.arn}</Text>
      </p>
      <Facts
        facts={[
          ['Evidence', <StatusTag key="s" status={status} />],
          [
            'Account',
            <a key="a" href={linkTo('principals', { account: account.accountId })}>
              <Text>{`${account.accountId}${account.name === undefined || account.name === null ? '' : ` ${account.name}`}`}</Text>
            </a>,
          ],
          ['Created', dayOf(generatedAt, createdDaysAgo)],
          ['Last activity', activityInWords(principal)],
          ...(managedBy === null ? [] : [['Managed by', managerNames[managedBy]] as const]),
        ]}
      />
      {tags.length > 0 && (
        <p>
          {tags.map(([key, value]) => (
            <a key={key} class="chip" href={linkTo('principals', { tag: `${key}=${value}` })}>
              <Text>{`${key}: ${value}`}</Text>
            </a>
          ))}
        </p>
      )}
      {problems.map((problem) => (
        <p key={problem} class="note warning">
          <Text>{problem}</Text>
        </p>
      ))}
      <FindingsOf principal={principal} report={report} />
      <Becoming principal={principal} report={report} />
      <Abilities principal={principal} report={report} />
      <Section title="Services allowed and used">
        <UseTimeline principal={principal} generatedAt={generatedAt} />
      </Section>
      <CredentialsOf principal={principal} generatedAt={generatedAt} />
      <PoliciesOf principal={principal} report={report} />
    </>
  );
}

function FindingsOf({ principal, report }: { readonly principal: Principal; readonly report: Report }): JSX.Element {
  const { findings } = principal;
  return (
    <Section title={counted(findings.filter(isActive).length, 'finding')}>
      {findings.length === 0 && <p class="quiet">None.</p>}
      {findings.map((finding) => (
        <details key={finding.id} class="row">
          <summary>
            <SeverityTag severity={finding.severity} /> <Text>{finding.title}</Text>
            {!isActive(finding) && <span class={`chip ${finding.state}`}>{finding.state}</span>}
          </summary>
          <FindingDetail finding={finding} report={report} />
        </details>
      ))}
    </Section>
  );
}

/** A way of another principal that leads to this one. */
interface WayIn {
  readonly finding: Finding;
  readonly path: AccessPath;
}

/** Ways shown in each direction. */
const MOST_WAYS = 8;

function waysTo(principal: Principal, { findings }: Report): readonly WayIn[] {
  return findings.flatMap((finding): WayIn[] =>
    finding.arn === principal.arn || finding.state === 'resolved'
      ? []
      : finding.paths.flatMap((path) =>
          path.steps.some(({ to }) => to === principal.arn) || path.targets.includes(principal.arn)
            ? [{ finding, path }]
            : [],
        ),
  );
}

function Becoming({ principal, report }: { readonly principal: Principal; readonly report: Report }): JSX.Element {
  const { trust, type } = principal;
  const waysIn = waysTo(principal, report);
  const waysOut = principal.findings
    .filter(({ state }) => state !== 'resolved')
    .flatMap((finding) => finding.paths.map((path) => ({ finding, path })));
  return (
    <>
      <Section title="Who can become it">
        {type === 'role' && trust !== null && (
          <>
            <h3>Trust policy</h3>
            {trust.length === 0 && <p>No principal can assume it.</p>}
            <ul>
              {trust.map((party) => {
                const words = partyInWords(party);
                return (
                  <li key={words}>
                    <Text>{words}</Text>
                  </li>
                );
              })}
            </ul>
          </>
        )}
        {type === 'role' && trust === null && <p class="note warning">The trusted principals are not known.</p>}
        {waysIn.length > 0 && (
          <>
            <h3>{counted(new Set(waysIn.map(({ finding }) => finding.arn)).size, 'principal')} with a way to it</h3>
            <ul>
              {waysIn.slice(0, MOST_WAYS).map(({ finding, path }, index) => (
                <li key={index}>
                  <PrincipalLink arn={finding.arn} isKnown={finding.principal !== null} />
                  {`: ${path.steps.map(({ by }) => (by === 'trust' ? 'trust policy' : by)).join(', then ')}`}
                </li>
              ))}
            </ul>
            {waysIn.length > MOST_WAYS && <p class="quiet">and {waysIn.length - MOST_WAYS} more ways.</p>}
          </>
        )}
        {waysIn.length === 0 && type === 'user' && (
          <p class="quiet">No way of another principal to this user was found.</p>
        )}
      </Section>
      <Section title="What it can become">
        {waysOut.length === 0 && <p class="quiet">No way to more permissions was found.</p>}
        {waysOut.slice(0, MOST_WAYS).map(({ finding, path }, index) => (
          <PathSteps key={index} path={path} finding={finding} report={report} />
        ))}
      </Section>
    </>
  );
}

const grantWords = { everything: 'on everything', some: 'on some resources', condition: 'under a condition' } as const;

function Abilities({ principal, report }: { readonly principal: Principal; readonly report: Report }): JSX.Element {
  const { decisions, permissionsStatus, isEvaluated, permissionsDaysAgo } = principal;
  const groups = new Map<string, Decision[]>();
  for (const decision of decisions) {
    const category = categoryOrder.find((one) => decision.categories.includes(one)) ?? 'escalation';
    groups.set(category, [...(groups.get(category) ?? []), decision]);
  }
  return (
    <Section title="Sensitive actions that it can use">
      {permissionsStatus !== 'COMPLETE' && (
        <p class="note warning">
          The permissions are {permissionsStatus === 'FAILED' ? 'not known' : 'incomplete: there may be more'}.
        </p>
      )}
      {decisions.length === 0 && permissionsStatus === 'COMPLETE' && (
        <p class="quiet">None of the sensitive actions is allowed.</p>
      )}
      {categoryOrder.map((category) => {
        const members = groups.get(category);
        if (members === undefined) return null;
        return (
          <Scroll key={category} label={categoryNames[category] ?? category}>
            <table>
              <caption>{categoryNames[category]}</caption>
              <thead>
                <tr>
                  <th scope="col">Action</th>
                  <th scope="col">Allowed</th>
                  <th scope="col">Last use</th>
                </tr>
              </thead>
              <tbody>
                {members.map((decision) => (
                  <tr key={decision.action}>
                    <th scope="row">
                      <Text>{decision.action}</Text>
                    </th>
                    <td>
                      <Text>{allowedInWords(decision)}</Text>
                    </td>
                    <td>{useInWords(principal, decision.action)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        );
      })}
      {decisions.length > 0 && (
        <p class="quiet">
          {isEvaluated ? 'Evaluated from files, not simulated by AWS.' : 'Simulated by AWS'}
          {!isEvaluated && ` on ${dayOf(report.head.generatedAt, permissionsDaysAgo)}.`}
        </p>
      )}
    </Section>
  );
}

function allowedInWords(decision: Decision): string {
  const grant = grantOf(decision);
  if (grant === null) {
    return decision.stopped.includes('organization')
      ? 'stopped by the organization'
      : 'stopped by the permissions boundary';
  }
  const on = decision.resources.filter(([, one]) => one === 'allowed').map(([arn]) => arn);
  if (grant === 'some') return `on ${on.join(', ')}`;
  return grant === 'condition' ? `under a condition on ${decision.missingContext.join(', ')}` : grantWords[grant];
}

function useInWords(principal: Principal, action: string): string {
  const use = useOfAction(principal, action);
  if (use.kind === 'used') return agoInWords(use.daysAgo);
  if (use.kind === 'service') return `action not tracked; service used ${agoInWords(use.daysAgo)}`;
  return use.kind === 'never' ? 'never in the tracking period' : 'not known';
}

function CredentialsOf({
  principal,
  generatedAt,
}: {
  readonly principal: Principal;
  readonly generatedAt: string;
}): JSX.Element | null {
  const { credentials, type } = principal;
  if (type === 'role') return null;
  if (credentials === null) {
    return (
      <Section title="Credentials">
        <p class="note warning">The credentials are not known.</p>
      </Section>
    );
  }
  const day = (daysAgo: number | null): string => (daysAgo === null ? 'never' : dayOf(generatedAt, daysAgo));
  const { password, passwordUsed, mfa, keys, certificates } = credentials;
  return (
    <Section title="Credentials">
      <Facts
        facts={[
          ['Password', password === null ? 'not known' : password ? `yes, last used ${day(passwordUsed)}` : 'none'],
          ['MFA', mfa ? 'yes' : 'no'],
          ['Active certificates', certificates === null ? 'not known' : String(certificates)],
        ]}
      />
      {keys.length > 0 && (
        <Scroll label="Access keys">
          <table>
            <caption>Access keys</caption>
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">State</th>
                <th scope="col">Last used</th>
                <th scope="col">Created or rotated</th>
              </tr>
            </thead>
            <tbody>
              {keys.map(([active, lastUsed, rotated], index) => (
                <tr key={index}>
                  <th scope="row">{index + 1}</th>
                  <td>{active ? 'active' : 'inactive'}</td>
                  <td>{day(lastUsed)}</td>
                  <td>{rotated === null ? 'not known' : day(rotated)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  );
}

interface PolicyItem {
  readonly what: string;
  readonly key: string;
  /** The ARN of a policy that other principals may have too. */
  readonly shared?: string;
}

function PoliciesOf({ principal, report }: { readonly principal: Principal; readonly report: Report }): JSX.Element {
  const { policies } = principal;
  if (policies === null) {
    return (
      <Section title="Policies">
        <p class="quiet">The run stored no policies of this principal.</p>
      </Section>
    );
  }
  const { inline, attached, groups, boundary } = policies;
  const items: readonly PolicyItem[] = [
    ...inline.map((name) => ({ what: `inline policy ${name}`, key: documentKey(principal.index, 'inline', name) })),
    ...attached.map((arn) => ({ what: arn, key: documentKey(null, 'managed', arn), shared: arn })),
    ...(boundary === null
      ? []
      : [{ what: `permissions boundary ${boundary}`, key: documentKey(null, 'managed', boundary), shared: boundary }]),
    { what: 'trust policy', key: documentKey(principal.index, 'trust', 'trust policy') },
  ];
  return (
    <Section title="Policies">
      {groups.length > 0 && (
        <p>
          Groups:{' '}
          {groups.map((group) => (
            <a key={group} class="chip" href={linkTo('principals', { group })}>
              <Text>{group}</Text>
            </a>
          ))}
        </p>
      )}
      <ul class="plain">
        {items.map(({ what, key, shared }) => {
          const document = report.documents.get(key);
          if (what === 'trust policy' && document === undefined) return null;
          return (
            <li key={key}>
              {document === undefined ? (
                <Text>{what}</Text>
              ) : (
                <details>
                  <summary>
                    <Text>{what}</Text>
                  </summary>
                  <Code text={pretty(document)} label="Copy the policy" />
                </details>
              )}
              {shared !== undefined && (
                <a class="quiet" href={linkTo('principals', { policy: shared })}>
                  All principals with this policy
                </a>
              )}
            </li>
          );
        })}
      </ul>
      {items.every(({ key }) => !report.documents.has(key)) && (
        <p class="quiet">
          <Text>{`The texts of ${shortName(principal.arn)}’s policies are in runs/${report.head.run.runId}/accounts/${principal.account.accountId}/policies.jsonl.`}</Text>
        </p>
      )}
    </Section>
  );
}
