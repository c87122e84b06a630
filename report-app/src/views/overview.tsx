import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { severities } from '../../../core/contract/finding.ts';
import {
  answerOf,
  ESCALATION_RULES,
  controlsOf,
  risksOf,
  totalOf,
  whoInWords,
  mattersOf,
  quietRulesOf,
  type Answer,
  type Matter,
} from '../data/answers.ts';
import { counted } from '../data/days.ts';
import { isActive, shortName, type Report } from '../data/model.ts';
import { TimeChart } from '../ui/chart.tsx';
import { PrincipalLink, Section, SeverityTag, StatusTag, Text, Scroll } from '../ui/parts.tsx';
import { linkTo } from '../data/address.ts';

/** The ten things that matter. */
const MOST_WORST = 10;

export function Overview({ report }: { readonly report: Report }): JSX.Element {
  const answer = useMemo(() => answerOf(report), [report]);
  const risks = useMemo(() => risksOf(report.findings), [report]);
  const worst = useMemo(() => mattersOf(report.findings, MOST_WORST), [report]);
  const { head } = report;
  return (
    <>
      <Answers answer={answer} accounts={head.run.accounts.length} />
      <Status report={report} />
      <Change report={report} />
      <Section title="What matters most">
        {worst.length === 0 && <p>No finding needs action.</p>}
        <ol class="worst">
          {worst.map((matter) => (
            <MatterLine key={matter.worst.id} matter={matter} report={report} />
          ))}
        </ol>
      </Section>
      {risks.length > 0 && (
        <Section title="Risks by effect">
          <Scroll label="Risks by effect">
            <table>
              <thead>
                <tr>
                  <th scope="col">Severity</th>
                  <th scope="col">Risk</th>
                  <th scope="col" class="number">
                    Findings
                  </th>
                  <th scope="col" class="number">
                    New
                  </th>
                </tr>
              </thead>
              <tbody>
                {risks.map(({ rule, severity, findings }) => (
                  <tr key={`${severity} ${rule}`}>
                    <td>
                      <SeverityTag severity={severity} />
                    </td>
                    <th scope="row">
                      <a href={linkTo('findings', { rule, severity })}>{rule}</a>
                      <br />
                      <span class="quiet">{firstSentence(findings[0]?.ruleText?.meaning ?? '')}</span>
                    </th>
                    <td class="number">{findings.length}</td>
                    <td class="number">{findings.filter(({ state }) => state === 'new').length}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </Section>
      )}
      <Controls report={report} />
      <QuietRules report={report} />
      <Trend report={report} />
      <Coverage report={report} />
    </>
  );
}

function MatterLine({ matter, report }: { readonly matter: Matter; readonly report: Report }): JSX.Element {
  const { worst, findings, goal } = matter;
  const others = new Set(findings.map(({ arn }) => arn)).size - 1;
  const link =
    others === 0
      ? linkTo('findings', { open: worst.id, q: worst.arn })
      : linkTo('findings', {
          rule: worst.rule,
          severity: worst.severity,
          ...(goal === null ? {} : { q: shortName(goal).split(' ').at(-1) ?? '' }),
        });
  return (
    <li>
      <SeverityTag severity={worst.severity} />{' '}
      <a href={link}>
        <Text>{worst.title}</Text>
      </a>
      {others > 0 && <b> and {counted(others, 'other principal')}</b>}{' '}
      <span class="quiet">
        {goal !== null && (
          <>
            leads to <PrincipalLink arn={goal} isKnown={report.byArn.has(goal)} />
          </>
        )}
        {report.accounts.length > 1 && ` in account ${worst.accountId}`}
      </span>
    </li>
  );
}

const firstSentence = (text: string): string => /^.*?[.:](?=\s|$)/.exec(text)?.[0] ?? text;

function Answers({ answer, accounts }: { readonly answer: Answer; readonly accounts: number }): JSX.Element {
  const here = accounts === 1 ? 'this account' : 'these accounts';
  const can = whoInWords(answer.canTakeOver);
  const might = whoInWords(answer.mightTakeOver);
  const admins = whoInWords(answer.administrators);
  const unused = totalOf(answer.unused);
  return (
    <div class="answers">
      <p class="answer">
        {can === null ? (
          <>No principal was found that can take over {here}.</>
        ) : (
          <>
            <a href={linkTo('findings', { rule: ESCALATION_RULES.join(','), severity: 'critical' })}>{can}</a> can take
            over {here}.
          </>
        )}{' '}
        {unused > 0 && (
          <>
            <a href={linkTo('findings', { rule: 'unused-user,unused-role' })}>
              {counted(unused, 'identity', 'identities')}
            </a>{' '}
            {unused === 1 ? 'is' : 'are'} unused.
          </>
        )}
      </p>
      <p>
        {admins !== null && (
          <>
            <a href={linkTo('findings', { rule: 'administrator' })}>{admins}</a>{' '}
            {totalOf(answer.administrators) === 1 ? 'is an administrator' : 'are administrators'} already.{' '}
          </>
        )}
        {might !== null && <>{might} might become one under conditions or facts that are not known. </>}
        {answer.outside > 0 && <>{counted(answer.outside, 'role')} can be assumed from outside.</>}
      </p>
    </div>
  );
}

function Status({ report: { head, end } }: { readonly report: Report }): JSX.Element {
  return (
    <>
      <p>
        <StatusTag status={head.run.status} /> <Text>{`${head.meaning} ${head.scope}`}</Text>
      </p>
      {end.unreadable.map((reason) => (
        <p key={reason} class="note error">
          <Text>{`The report is incomplete: ${reason}`}</Text>
        </p>
      ))}
      {head.notes.map(({ kind, text }) => (
        <p key={text} class={`note ${kind}`}>
          <Text>{text}</Text>
        </p>
      ))}
    </>
  );
}

function Change({ report }: { readonly report: Report }): JSX.Element {
  const { findings } = report;
  const { trend, run } = report.head;
  const inState = (state: string): number => findings.filter((finding) => finding.state === state).length;
  const before = trend.at(-2)?.findings ?? null;
  const counts = run.findings;
  return (
    <Section title="Since the last run">
      <ul class="counts">
        <li>
          <a href={linkTo('findings', { state: 'new' })}>{counted(inState('new'), 'new finding')}</a>
        </li>
        <li>
          <a href={linkTo('findings', { state: 'resolved' })}>{inState('resolved').toLocaleString('en')} resolved</a>
        </li>
        <li>
          <a href={linkTo('findings', { state: 'suppressed' })}>
            {inState('suppressed').toLocaleString('en')} accepted by exceptions
          </a>
        </li>
      </ul>
      <ul class="severity-counts">
        {severities.map((severity) => {
          const now = findings.filter((finding) => isActive(finding) && finding.severity === severity).length;
          const change = before === null || counts === undefined ? null : counts[severity] - before[severity];
          return (
            <li key={severity}>
              <a href={linkTo('findings', { severity })} class={`count-card ${severity}`}>
                <b>{(counts?.[severity] ?? now).toLocaleString('en')}</b> {severity}
                {change !== null && (
                  <span class="change">{change === 0 ? 'no change' : change > 0 ? `+${change}` : `−${-change}`}</span>
                )}
              </a>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function Controls({ report }: { readonly report: Report }): JSX.Element {
  const controls = useMemo(() => controlsOf(report), [report]);
  const open = controls.filter(({ findings }) => findings > 0).length;
  return (
    <Section title="By control">
      <details>
        <summary>
          {open} of {controls.length} controls of CIS AWS Foundations and AWS FSBP have findings
        </summary>
        <Scroll label="Findings by control">
          <table>
            <thead>
              <tr>
                <th scope="col">Control</th>
                <th scope="col">Rules</th>
                <th scope="col" class="number">
                  Findings
                </th>
              </tr>
            </thead>
            <tbody>
              {controls.map(({ control, rules, findings }) => (
                <tr key={control}>
                  <th scope="row">
                    {findings === 0 ? control : <a href={linkTo('findings', { control })}>{control}</a>}
                  </th>
                  <td>{rules.join(', ')}</td>
                  <td class="number">{findings}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <p class="quiet">A control without findings is not proven to be met: a rule may cover only a part of it.</p>
      </details>
    </Section>
  );
}

function QuietRules({ report }: { readonly report: Report }): JSX.Element | null {
  const rules = useMemo(() => quietRulesOf(report), [report]);
  if (rules.length === 0) return null;
  return (
    <Section title="Checked without a finding">
      <details>
        <summary>
          {rules.length} of {report.head.rules.length} rules have no finding
        </summary>
        <Scroll label="Rules without findings">
          <table>
            <thead>
              <tr>
                <th scope="col">Rule</th>
                <th scope="col">Meaning of a finding</th>
              </tr>
            </thead>
            <tbody>
              {rules.map(({ id, meaning }) => (
                <tr key={id}>
                  <th scope="row">{id}</th>
                  <td>{firstSentence(meaning)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <p class="quiet">A rule finds nothing about what was not audited: see the coverage below.</p>
      </details>
    </Section>
  );
}

function Trend({ report }: { readonly report: Report }): JSX.Element | null {
  // Runs of a part of the principals have fewer findings, which would look like progress.
  const { run } = report.head;
  const points = report.head.trend.filter(
    (point) => point.findings !== null && (point.wholeScope || run.wholeScope !== true),
  );
  if (points.length < 2) {
    return (
      <Section title="Trend">
        <p class="quiet">The trend begins with the second run.</p>
      </Section>
    );
  }
  return (
    <Section title="Trend">
      <TimeChart
        title={`Findings of the last ${points.length} runs`}
        kind="stack"
        times={points.map(({ startedAt }) => Date.parse(startedAt))}
        series={severities.toReversed().map((severity) => ({
          name: severity,
          class: severity,
          values: points.map(({ findings }) => findings?.[severity] ?? 0),
        }))}
      />
    </Section>
  );
}

function Coverage({ report }: { readonly report: Report }): JSX.Element {
  const { run } = report.head;
  const { principals, accounts } = run;
  const skipped = run.organization?.skipped ?? [];
  const failed = accounts.filter(({ status }) => status !== 'COMPLETE');
  const missing = accounts.flatMap(({ accountId, missingEvidence = [] }) =>
    missingEvidence.map((one) => ({ accountId, ...one })),
  );
  return (
    <Section title="Coverage">
      <p>
        {counted(principals.total, 'principal')} in {counted(accounts.length, 'account')}:{' '}
        {principals.complete.toLocaleString('en')} with complete evidence, {principals.partial} partial,{' '}
        {principals.failed} failed; {principals.carriedForward.toLocaleString('en')} with evidence carried over from an
        earlier run.
      </p>
      {failed.length + skipped.length === 0 && missing.length === 0 && <p class="quiet">Nothing was left out.</p>}
      {failed.length > 0 && (
        <ul>
          {failed.slice(0, 20).map(({ accountId, status, error }) => (
            <li key={accountId}>
              <StatusTag status={status} /> {accountId}{' '}
              <Text>{error === undefined ? '' : `${error.code}: ${error.message}`}</Text>
            </li>
          ))}
        </ul>
      )}
      {failed.length > 20 && (
        <p>
          <a href={linkTo('accounts')}>All {failed.length} accounts with missing evidence</a>
        </p>
      )}
      {missing.length > 0 && (
        <Scroll label="Missing evidence">
          <table>
            <caption>Missing evidence and why</caption>
            <thead>
              <tr>
                <th scope="col">Account</th>
                <th scope="col">Part</th>
                <th scope="col">Reason</th>
                <th scope="col" class="number">
                  Principals
                </th>
              </tr>
            </thead>
            <tbody>
              {missing.slice(0, 50).map(({ accountId, step, code, message, principals: count }, index) => (
                <tr key={index}>
                  <th scope="row">{accountId}</th>
                  <td>{step}</td>
                  <td>
                    <Text>{`${code}: ${message}`}</Text>
                  </td>
                  <td class="number">{count}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {skipped.length > 0 && (
        <details>
          <summary>{counted(skipped.length, 'account')} of the organization not audited</summary>
          <ul>
            {skipped.map(({ accountId, name, reason }) => (
              <li key={accountId}>
                <Text>{`${accountId} ${name ?? ''}: ${reason.code}: ${reason.message}`}</Text>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}
