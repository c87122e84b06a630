import type { Result, Run } from 'sarif';
import type { Finding, FindingState, Severity } from '../contract/finding.ts';
import { rules } from '../findings/rules/all-rules.ts';
import { withoutControls } from '../wording/html.ts';
import type { ExportedRun } from './exported-run.ts';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};
/** `security-severity`: a number from 0 to 10, as code scanning reads it. */
const scores: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };
const baselines: Readonly<Record<FindingState, Result.baselineState>> = {
  new: 'new',
  open: 'unchanged',
  suppressed: 'unchanged',
  resolved: 'absent',
};

/** A full stop within a word, as in `iam.amazonaws.com`, ends no sentence. */
const firstSentence = (text: string): string => /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text;

const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** The severity that a rule's text names first. A result has that of its finding. */
export function firstNamedSeverity(text: string): Severity {
  const places = severities
    .map((severity) => ({ severity, place: text.search(new RegExp(`\\b${severity}\\b`)) }))
    .filter(({ place }) => place !== -1)
    .sort((a, b) => a.place - b.place);
  return places[0]?.severity ?? 'medium';
}

/** A run as a SARIF 2.1.0 log, in parts. Results have the finding's ID as fingerprint, which is the same every day. */
export async function* sarifLog({ run, findings }: ExportedRun, version: string): AsyncGenerator<string> {
  const driver = {
    name: 'IAM audit',
    version,
    informationUri: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html',
    rules: rules.map(({ id, severity, meaning, why, remedy, controls }) => ({
      id,
      shortDescription: { text: firstSentence(meaning) },
      fullDescription: { text: `${meaning} ${why}` },
      help: { text: remedy },
      properties: { tags: ['security', ...controls], 'security-severity': scores[firstNamedSeverity(severity)] },
    })),
  };
  const head: Omit<Run, 'results'> = {
    tool: { driver },
    automationDetails: { id: `iam-audit/${run.runId}` },
    invocations: [
      {
        executionSuccessful: run.status === 'COMPLETE' || run.status === 'PARTIAL',
        startTimeUtc: run.startedAt,
        ...(run.finishedAt === null ? {} : { endTimeUtc: run.finishedAt }),
        ...(run.status === 'COMPLETE'
          ? {}
          : {
              toolExecutionNotifications: [
                { level: 'warning', message: { text: `The run ended ${run.status}: some evidence is missing.` } },
              ],
            }),
      },
    ],
  };
  yield '{';
  yield '"$schema": "https://json.schemastore.org/sarif-2.1.0.json",';
  yield '"version": "2.1.0",';
  // The run without its last brace, so that the results can follow one at a time.
  yield `"runs": [${JSON.stringify(head).slice(0, -1)},`;
  yield '"results": [';
  let before: string | null = null;
  for await (const finding of findings) {
    if (before !== null) yield `${before},`;
    before = JSON.stringify(result(finding));
  }
  if (before !== null) yield before;
  yield ']}]}';
}

function result({ id, rule, severity, state, accountId, principalArn, title, detail, exception }: Finding): Result {
  const ruleIndex = rules.findIndex((one) => one.id === rule);
  // Code scanning shows results by file. There is no file, so the address is made of the account and the principal.
  const uri = `${accountId}/${principalArn.split(':').slice(5).join(':')}`.split('/').map(encodeURIComponent).join('/');
  return {
    ruleId: rule,
    ...(ruleIndex === -1 ? {} : { ruleIndex }),
    level: levels[severity],
    kind: 'fail',
    message: { text: withoutControls(detail === '' ? title : `${title}. ${detail}`) },
    baselineState: baselines[state],
    partialFingerprints: { 'findingId/v1': id },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: principalArn, kind: 'resource' }],
      },
    ],
    ...(exception === null
      ? {}
      : {
          suppressions: [
            {
              kind: 'external',
              status: 'accepted',
              justification: withoutControls(`${exception.owner}, until ${exception.expires}: ${exception.reason}`),
            },
          ],
        }),
    properties: { severity, state, accountId, 'security-severity': scores[severity] },
  };
}
