import { readFileSync } from 'node:fs';
import { clientOf } from '../../../../core/doctor/clients/client-of.ts';

type Row = [string, string | null, string | null, (string | null)[]];

/**
 * User agents of CloudTrail events, HTTP logs and issues in public repositories, and of SDKs run for this table. Those of
 * OpenTofu, Pulumi, Prowler, the newer CDK, iam-audit and CodeBuild are put together from the sources of these programs.
 * Columns: name, user agent, invokedBy, and [sdk, retry mode, language, tool, runtime, version].
 */
const rows = JSON.parse(readFileSync(`${import.meta.dirname}/user-agents.json`, 'utf8')) as Row[];

test.each(rows)('%s', (_, userAgent, invokedBy, expected) => {
  const { sdk, retryMode, language, tool, runtime, version } = clientOf(userAgent, invokedBy);
  expect([sdk, retryMode, language, tool, runtime, version]).toEqual(expected);
});

test.each([
  ['a name that every object has', 'aws-sdk-js/3.1.0 m/constructor,toString,__proto__'],
  ['markup instead of a version', 'aws-cli/<img src=x onerror=alert(1)>'],
  ['terminal escapes', '\u001b[31maws-cli/\u001b[0m'],
  ['a long text', 'aws-cli/2'.repeat(100_000)],
  ['many parentheses', '('.repeat(100_000)],
  ['spaces', ' '.repeat(100_000)],
])('%s in a user agent reaches neither name nor version', (_, userAgent) => {
  const client = clientOf(userAgent, userAgent);
  expect(client.retryMode).toBe('unknown');
  expect(`${client.sdk} ${client.version ?? ''}`).toMatch(/^[\w .()-]*$/);
});

test('a service is shown by name only if the name is a service principal', () => {
  expect(clientOf('evil.amazonaws.com/<script>', null).sdk).toBe('unknown');
  expect(clientOf(null, 'autoscaling.amazonaws.com').sdk).toBe('autoscaling.amazonaws.com');
});
