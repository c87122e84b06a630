/** The maximum for a session policy in plain text (AWS STS, AssumeRole). */
const MOST_CHARACTERS = 2_048;

/**
 * The session policy that allows only these actions. A session has the permissions that both its role and its session policy
 * allow, so a role with more permissions than the audit needs does not give them to the audit.
 * @throws Error if it is longer than AWS accepts
 */
export function sessionPolicy(actions: readonly string[]): string {
  const statement = { Effect: 'Allow', Action: actions, Resource: '*' };
  const text = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  if (text.length <= MOST_CHARACTERS) return text;
  throw new Error(`The session policy has ${text.length} characters. AWS accepts ${MOST_CHARACTERS}.`);
}
