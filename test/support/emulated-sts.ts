import type { Emulation } from '../../local/emulated-aws/emulation.ts';
import type { IssuedCredentials } from '../../local/emulated-aws/sessions.ts';

export interface StsAnswer {
  readonly status: number;
  /** AWS's error code; null if the call succeeded. */
  readonly code: string | null;
  readonly message: string | null;
  /** The answer's XML. */
  readonly answer: string;
  /** The issued credentials; null if the call failed. */
  readonly credentials: IssuedCredentials | null;
}

/** Calls an action of the Query protocol, AssumeRole by default, in the emulation, without a network and without an SDK. */
export async function emulatedSts(
  emulation: Emulation,
  { accessKeyId, sessionToken }: IssuedCredentials,
  parameters: Readonly<Record<string, string>>,
  action = 'AssumeRole',
): Promise<StsAnswer> {
  const answer = await emulation.handle({
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261123/us-east-1/sts/aws4_request`,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    },
    body: new URLSearchParams({ Action: action, ...parameters }).toString(),
  });
  if (answer.kind !== 'answer') throw new Error(`The emulation gave no answer: ${answer.kind}.`);
  const field = (name: string): string | null =>
    new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body)?.[1] ?? null;
  const issued = field('AccessKeyId');
  return {
    status: answer.status,
    code: field('Code'),
    message: field('Message'),
    answer: answer.body,
    credentials:
      issued === null
        ? null
        : {
            accessKeyId: issued,
            secretAccessKey: field('SecretAccessKey') ?? '',
            sessionToken: field('SessionToken') ?? '',
          },
  };
}
