import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ESCALATION_RULES } from '../data/answers.ts';
import { agoInWords, dayOf } from '../data/days.ts';
import { isActive, type Finding, type Report } from '../data/model.ts';
import { replacedText } from '../data/policy-text.ts';
import { commandsFor, exceptionFor } from '../data/remedy.ts';
import { Evidence } from './evidence.tsx';
import { Code, PrincipalLink, Text } from './parts.tsx';
import { PathSteps } from './path-steps.tsx';
import { PolicyDiff } from './policy-diff.tsx';
import { linkTo } from '../data/address.ts';

/** Ways shown at first. The evidence has at most ten. */
const FIRST_PATHS = 3;

/** All that is known about a finding: meaning, evidence, ways, remedy. */
export function FindingDetail({
  finding,
  report,
}: {
  readonly finding: Finding;
  readonly report: Report;
}): JSX.Element {
  const { ruleText, principal, exception, detail, sinceDaysAgo } = finding;
  const { generatedAt } = report.head;
  return (
    <div class="detail">
      <p>
        <Text>{detail}</Text>
      </p>
      <p class="quiet">
        <PrincipalLink arn={finding.arn} isKnown={principal !== null} /> in account {finding.accountId}. First seen{' '}
        {dayOf(generatedAt, sinceDaysAgo)}, {agoInWords(sinceDaysAgo)}. <Activity finding={finding} report={report} />
      </p>
      {exception !== null && (
        <p class="note information">
          <Text>{`Accepted by ${exception.owner} until ${exception.expires}: ${exception.reason}`}</Text>
        </p>
      )}
      {finding.paths.length > 0 && <Paths finding={finding} report={report} />}
      {ruleText !== null && (
        <div class="columns">
          <div>
            <h3>Meaning</h3>
            <p>{ruleText.meaning}</p>
            <p>{ruleText.why}</p>
          </div>
          <div>
            <h3>What to do</h3>
            <p>{ruleText.remedy}</p>
            {ruleText.controls.length > 0 && (
              <p>
                Controls:{' '}
                {ruleText.controls.map((control) => (
                  <a key={control} class="chip" href={linkTo('findings', { control })}>
                    {control}
                  </a>
                ))}
              </p>
            )}
          </div>
        </div>
      )}
      {isActive(finding) &&
        commandsFor(finding).map(({ what, command }) => (
          <div key={command} class="command">
            <p>{what}:</p>
            <Code text={command} label="Copy the command" />
          </div>
        ))}
      <Recommendation finding={finding} report={report} />
      <h3>Evidence</h3>
      <Evidence evidence={finding.evidence} />
      {isActive(finding) && (
        <details>
          <summary>Accept it with an exception</summary>
          <p class="quiet">
            Put this into config/exceptions.json, with the owner and the reason. It is valid for 90 days.
          </p>
          <Code text={exceptionFor(finding, generatedAt)} label="Copy the exception" />
        </details>
      )}
      <p class="quiet">
        ID {finding.id} · <a href={linkTo('findings', { open: finding.id, state: 'all' })}>Link to this finding</a>
      </p>
    </div>
  );
}

function Activity({
  finding: { principal },
  report,
}: {
  readonly finding: Finding;
  readonly report: Report;
}): JSX.Element | null {
  if (principal === null) return null;
  const { activity } = principal;
  if (activity === undefined) return <>Its last activity is not known.</>;
  if (activity === null) return <>No activity in AWS’s tracking period.</>;
  return (
    <>
      Last active {dayOf(report.head.generatedAt, activity)}, {agoInWords(activity)}.
    </>
  );
}

function Paths({ finding, report }: { readonly finding: Finding; readonly report: Report }): JSX.Element {
  const [all, setAll] = useState(false);
  const { paths } = finding;
  const shown = all ? paths : paths.slice(0, FIRST_PATHS);
  return (
    <div>
      <h3>{paths.length === 1 ? 'The way' : `The ${shown.length} shortest ways`}</h3>
      {shown.map((path, index) => (
        <PathSteps key={index} path={path} finding={finding} report={report} />
      ))}
      {paths.length > shown.length && (
        <button
          type="button"
          onClick={() => {
            setAll(true);
          }}
        >
          Show {paths.length - shown.length} more
        </button>
      )}
    </div>
  );
}

/** Rules whose remedy is a narrower policy. */
const NARROWING = new Set([
  'service-unused',
  'sensitive-permission-unused',
  'administrator',
  'administrator-idle',
  ...ESCALATION_RULES,
]);

function Recommendation({
  finding,
  report,
}: {
  readonly finding: Finding;
  readonly report: Report;
}): JSX.Element | null {
  const { principal, rule } = finding;
  const recommendation = principal?.recommendation ?? null;
  if (principal === null || recommendation === null || !NARROWING.has(rule)) return null;
  const { policy, removed, notJudged, apply, note, key } = recommendation;
  const recommended = JSON.stringify(policy, null, 2);
  const today = replacedText(report, principal);
  const names = [...removed.services.names, ...removed.actions.names];
  return (
    <details>
      <summary>The recommended policy, compared with today’s</summary>
      <p>
        Removes {removed.services.count} unused services and {removed.actions.count} unused actions
        <Text>{names.length === 0 ? '.' : `: ${names.join(', ')}.`}</Text>
      </p>
      {removed.usedEarlier.length > 0 && (
        <p>
          <Text>{`Used earlier, but not lately: ${removed.usedEarlier.map(({ name, lastUsed }) => `${name} (${lastUsed.slice(0, 10)})`).join(', ')}.`}</Text>
        </p>
      )}
      {notJudged.length > 0 && (
        <p>
          <Text>{`Kept, because AWS does not track the use: ${notJudged.join(', ')}.`}</Text>
        </p>
      )}
      {note !== null && <p class="note warning">{note}</p>}
      {today === null ? (
        <p class="quiet">Today’s policies are not in this report, so only the recommended policy is shown.</p>
      ) : (
        <PolicyDiff today={today} recommended={recommended} />
      )}
      <Code text={recommended} label="Copy the policy" />
      <h4>How to apply it</h4>
      <ol>
        {apply.map((step) => (
          <li key={step}>
            <Text>{step}</Text>
          </li>
        ))}
      </ol>
      <p class="quiet">
        File: <Text>{key}</Text>
      </p>
    </details>
  );
}
