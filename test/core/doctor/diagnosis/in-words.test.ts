import { diagnosisInWords } from '../../../../core/doctor/diagnosis/in-words.ts';
import { callerAnswer, diagnosis } from '../page/diagnoses.ts';

const client = (sdk: string, retryMode: string) => ({ userAgent: 'x', sdk, retryMode });
const textOf = (...args: Parameters<typeof diagnosis>): string => diagnosisInWords(diagnosis(...args)).join('\n');

test.each([
  [[client('AWS SDK for Go v2', 'standard')], 'Client: AWS SDK for Go v2 (retry mode standard).'],
  [[client('AWS SDK for Go v2', 'unknown')], 'Client: AWS SDK for Go v2.'],
  [[client('unknown', 'unknown')], 'Client: a program that names no AWS SDK.'],
  [
    [client('AWS SDK for Java v2', 'unknown'), client('unknown', 'unknown'), client('unknown', 'unknown')],
    'Client: AWS SDK for Java v2 and a program that names no AWS SDK.',
  ],
])('the clients %j are shown without empty words', (clients, line) => {
  expect(textOf({ backoff: { verdict: 'found', callers: [callerAnswer({ clients })] } })).toContain(`      ${line}\n`);
});

test('the remedy of a habit saves calls; that of a caller who used the rate up avoids throttled calls', () => {
  const answer = { verdict: 'found' as const, callers: [callerAnswer()] };
  expect(textOf({ 'credential-cache': answer })).toContain('This saves about 1,373 calls an hour.');
  expect(textOf({ callers: answer })).toContain('This avoids about 1,373 throttled calls an hour.');
});

test.each([
  ['2026-11-27T00:15:00Z', 'in the 15 minutes of these logs.'],
  ['2026-11-27T00:00:20Z', 'in the minute of these logs.'],
  ['2026-11-27T01:00:00Z', 'an hour.'],
])('the saving of logs until %s is a number of calls %s', (to, time) => {
  const source = { ...diagnosis().source, from: '2026-11-27T00:00:00Z', to };
  const text = textOf({ backoff: { verdict: 'found', callers: [callerAnswer()] } }, { source });
  expect(text).toContain(`This saves about 1,373 calls ${time}`);
});
