import type { Emulation } from '../../local/emulated-aws/emulation.ts';
import type { VirtualClock } from '../../local/virtual-clock.ts';

/** User agent of a script that calls IAM in a loop. */
const USER_AGENT =
  'Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 lang/python#3.11.9 cfg/retry-mode#legacy Botocore/1.34.131';

export interface SecondApplication {
  readonly accountId: string;
  /** Name of the role whose session calls. */
  readonly role: string;
  readonly callsPerSecond: number;
  /** Whether it stops. Virtual time passes while the audit computes, so a fixed time may end before the audit's first call. */
  readonly isOver: () => boolean;
}

/** Another application that calls the operations of an audit, with the emulated AWS's own credentials, in virtual time. */
export async function callInALoop(
  emulation: Emulation,
  clock: VirtualClock,
  { accountId, role, callsPerSecond, isOver }: SecondApplication,
): Promise<void> {
  const { accessKeyId, sessionToken } = emulation.issueSession(accountId, role, Number.MAX_SAFE_INTEGER);
  const headers = {
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261123/us-east-1/iam/aws4_request`,
    'x-amz-security-token': sessionToken,
    'user-agent': USER_AGENT,
    host: 'iam.amazonaws.com',
  };
  const arn = `arn:aws:iam::${accountId}:role/${role}`;
  const bodies = [
    new URLSearchParams({ Action: 'GenerateServiceLastAccessedDetails', Arn: arn }),
    new URLSearchParams({
      Action: 'SimulatePrincipalPolicy',
      PolicySourceArn: arn,
      'ActionNames.member.1': 's3:GetObject',
    }),
  ].map(String);
  while (!isOver()) {
    await Promise.all(bodies.map((body) => emulation.handle({ headers, body })));
    await clock.sleep(1_000 / callsPerSecond);
  }
}
