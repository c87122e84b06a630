import { hostOf, THROTTLED, type RecordedCall } from './recorded-call.ts';
import { userAgents } from './user-agents.ts';

/** A call of the emulated bystander to an IAM operation, such as `iam:SimulatePrincipalPolicy`. */
export interface BystanderCall {
  readonly accountId: string;
  readonly operation: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly served: boolean;
}

/** Names of the bystander's user, and of the role that the user assumes for each call. */
export const BYSTANDER_USER = 'inventory-bot';
export const BYSTANDER_ROLE = 'inventory-reader';

/**
 * How CloudTrail records a call of the bystander: an application that uses no session twice. It requests a session of its
 * role with each call. Its requests to STS are not limited.
 */
export function bystanderCalls({ accountId, operation, atMs, served }: BystanderCall): RecordedCall[] {
  const roleArn = `arn:aws:iam::${accountId}:role/${BYSTANDER_ROLE}`;
  const [service = '', name = ''] = operation.split(':');
  if (service !== 'iam') return [];
  const common = {
    endpoint: 'regional',
    region: 'us-east-1',
    userAgent: userAgents.botocoreLegacy,
    ip: '198.51.100.20',
  } as const;
  return [
    {
      ...common,
      atMs,
      service: 'sts',
      operation: 'AssumeRole',
      parameters: { roleArn, roleSessionName: BYSTANDER_USER },
      caller: {
        kind: 'user',
        accountId,
        arn: `arn:aws:iam::${accountId}:user/${BYSTANDER_USER}`,
        principalId: 'AIDAEXAMPLEINVENTORY',
        accessKeyId: 'AKIAEXAMPLEINVENTORY',
      },
      error: null,
      hostHeader: hostOf({ ...common, service: 'sts' }),
    },
    {
      ...common,
      atMs,
      service: 'iam',
      operation: name,
      parameters: null,
      caller: {
        kind: 'session',
        accountId,
        roleArn,
        roleId: 'AROAEXAMPLEINVENTORY',
        sessionName: BYSTANDER_USER,
        accessKeyId: 'ASIAEXAMPLEINVENTORY',
        issuedAtMs: atMs,
      },
      error: served ? null : THROTTLED,
      hostHeader: hostOf({ ...common, service: 'iam' }),
    },
  ];
}
