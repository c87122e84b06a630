import type { JSX } from 'preact';
import { shortName, type AccessPath, type Finding, type Report } from '../data/model.ts';
import { documentOf, statementOf } from '../data/policy-text.ts';
import { Code, PrincipalLink, Text } from './parts.tsx';

const gains: Readonly<Record<string, string>> = {
  administrator: 'Administrator permissions',
  'permission changes': 'Changes of permissions',
  credentials: 'Credentials of others',
  'other permissions': 'Other permissions',
};

/** Facts that a way depends on and that nothing read tells, by their names in the evidence. */
const doubts: Readonly<Record<string, string>> = {
  running: 'whether a resource that the way needs exists (the audit reads IAM only)',
  whichRuns: 'which roles the resources have on which the actions are allowed',
  identityCenter: 'whether IAM Identity Center is administered from this account',
  password: 'whether the user has a password',
  accessKeys: 'whether the user has two access keys already',
  mfa: 'whether the user’s MFA device can be passed',
  provider: 'whether the identity provider issues the token',
};

const certainties: Readonly<Record<string, string>> = {
  certain: 'This way is open.',
  conditional: 'This way is open if conditions hold that are not known to hold.',
  possible: 'Whether this way is open depends on facts that are not known.',
};

/** A way drawn as its steps, with the statements that allow each. */
export function PathSteps({
  path,
  finding,
  report,
}: {
  readonly path: AccessPath;
  readonly finding: Finding;
  readonly report: Report;
}): JSX.Element {
  const { steps, gain, certainty, missing, targetCount, to } = path;
  const others = targetCount - 1;
  return (
    <div class="path">
      <ol class="steps">
        {steps.map((step, index) => (
          <li key={index}>
            <span class="node">
              <PrincipalLink arn={step.from} isKnown={report.byArn.has(step.from)} />
            </span>
            <span class="arrow">
              <span class="by">
                {step.by === 'trust' ? 'trust policy' : step.actions.join(' + ')}
                {step.changes !== null && step.changes !== step.from && <Text>{` on ${shortName(step.changes)}`}</Text>}
              </span>
            </span>
          </li>
        ))}
        <li>
          <span class="node goal">
            {to !== steps[0]?.from && <PrincipalLink arn={to} isKnown={report.byArn.has(to)} />}
            {others > 0 && to !== steps[0]?.from && <span class="more"> and {others} more</span>}
            <span class="gain">{gains[gain] ?? (gain || 'More permissions')}</span>
          </span>
        </li>
      </ol>
      <p class="quiet">
        {certainties[certainty] ?? ''}
        {missing.length > 0 && <Text>{` Not known: ${missing.map((one) => doubts[one] ?? one).join('; ')}.`}</Text>}
      </p>
      <details>
        <summary>Statements that allow it</summary>
        {steps.map((step, index) => (
          <div key={index}>
            <h4>
              Step {index + 1}: <Text>{shortName(step.from)}</Text>
            </h4>
            {step.grounds.length === 0 && <p class="quiet">The evidence names no statement for this step.</p>}
            {step.grounds.map((ground, n) => {
              const holder = report.byArn.get(step.from) ?? finding.principal;
              const document = documentOf(report, ground.policy, holder, step.to);
              const statement = document === null ? null : statementOf(document, ground);
              return (
                <div key={n}>
                  <p>
                    <Text>{`${ground.policy}, ${ground.statement}`}</Text>
                  </p>
                  {statement !== null && <Code text={statement} label="Copy the statement" />}
                </div>
              );
            })}
            {step.reference !== '' && (
              <p class="quiet">
                Source: <Text>{step.reference}</Text>
              </p>
            )}
          </div>
        ))}
      </details>
    </div>
  );
}
