import {
  questionIds,
  type Answer,
  type CallerAnswer,
  type Diagnosis,
} from '../../../../core/contract/doctor/diagnosis.ts';
import type { Examination } from '../../../../core/doctor/diagnosis/examine.ts';
import { renderDiagnosis } from '../../../../core/doctor/page/render-diagnosis.ts';
import type { LogRow } from '../../../../core/ports/log-queries.ts';

export const account = '111122223333';
export const pool = `iam:${account}`;
export const audit = `arn:aws:iam::${account}:role/nightly-audit`;
export const web = `arn:aws:iam::${account}:role/service/web`;
/** 27 November 2026, 02:00 UTC, in epoch seconds. */
export const two = Date.UTC(2026, 10, 27, 2) / 1_000;

export const callerAnswer = (extra: Partial<CallerAnswer> = {}): CallerAnswer => ({
  caller: audit,
  accountId: account,
  kind: 'role',
  clients: [{ userAgent: 'Boto3/1.40 m/E', sdk: 'AWS SDK for Python', retryMode: 'standard' }],
  operation: 'iam:GetRole',
  severity: 'high',
  figures: { served: 8_214, servedShare: 0.64 },
  diagnosis: 'It was served 8,214 of 12,770 calls.',
  saves: { callsPerHour: 1_373 },
  remedy: {
    text: 'Spread the calls over a longer time. More is in the documentation.',
    examples: [
      { for: 'Python', code: 'retries = {"mode": "standard"}' },
      { for: 'AWS CLI', code: 'export AWS_RETRY_MODE=standard' },
    ],
  },
  ...extra,
});

export const diagnosis = (
  answers: Partial<Record<Answer['id'], Partial<Answer>>> = {},
  extra: Partial<Diagnosis> = {},
): Diagnosis => ({
  schemaVersion: 1,
  source: {
    kind: 'cloudtrail',
    from: '2026-11-27T00:00:00Z',
    to: '2026-11-28T00:00:00Z',
    events: 90_000,
    audited: 12_770,
    leftOut: [],
    complete: true,
  },
  refused: { calls: 0, share: 0, windows: [] },
  ...extra,
  questions: questionIds.map((id) => ({
    id,
    verdict: 'in-order',
    summary: `Nothing about ${id}.`,
    reason: null,
    callers: [],
    ...answers[id],
  })),
});

/** Throttled from 02:02 to 02:04, and the minute before. */
export const throttled = diagnosis(
  { callers: { verdict: 'found', summary: 'The audit used the rate.', callers: [callerAnswer()] } },
  {
    refused: {
      calls: 30,
      share: 0.002,
      windows: [{ pool, from: '2026-11-27T02:01:00Z', to: '2026-11-27T02:05:00Z', served: 970, refused: 30 }],
    },
  },
);

export const row = (minute: number, caller: string, served: number, refused = 0, of = pool): LogRow => ({
  pool: of,
  minute: two + 60 * minute,
  caller,
  served,
  refused,
});

/** All callers that used a limit up, in one pool. */
const inOnePool = ({ questions }: Diagnosis): Examination['culprits'] => {
  const callers = questions.find(({ id }) => id === 'callers')?.callers ?? [];
  return new Map([[pool, new Set(callers.map(({ caller }) => caller))]]);
};

export const page = (of: Diagnosis, timeline: readonly LogRow[] = [], culprits = inOnePool(of)): string =>
  [
    ...renderDiagnosis({
      diagnosis: of,
      culprits,
      timeline,
      generatedAt: '2026-11-28T07:00:00Z',
      explain: (id) => ({ asks: `What about ${id}?`, method: `How ${id} is answered.` }),
    }),
  ].join('\n');
