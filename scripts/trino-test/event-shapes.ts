import type { Random } from '../../core/ports/clock.ts';

/** A CloudTrail record, as parsed from JSON. */
export type Event = Readonly<Record<string, unknown>>;
export type Identity = Readonly<Record<string, unknown>>;

export const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
/** The account whose operations of IAM have limits of their own. */
export const SPLIT_ACCOUNT = '777788889999';
export const START = Date.parse('2026-11-20T10:00:00Z') / 1000;

export const agents = {
  botocore:
    'Boto3/1.44.8 md/Botocore#1.44.8 ua/2.1 os/linux#6.1 lang/python#3.12 cfg/retry-mode#legacy Botocore/1.44.8',
  java: 'aws-sdk-java/2.31.6 md/io#sync ua/2.1 os/Linux lang/java#21 m/E',
  go: 'aws-sdk-go-v2/1.38.0 ua/2.1 os/linux lang/go#1.24 m/E,n',
  /** The audit's own client. */
  audit: 'aws-sdk-js/3.1169.0 ua/2.1 os/linux lang/js md/nodejs#24.1 m/E,n iam-audit',
  js: 'aws-sdk-js/3.1169.0 ua/2.1 os/linux lang/js md/nodejs#22.1 exec-env/AWS_Lambda_nodejs22.x m/E,n',
  terraform: 'APN/1.0 HashiCorp/1.0 Terraform/1.13 terraform-provider-aws/6.2 aws-sdk-go-v2/1.38.0',
} as const;

export const user = (name: string, accountId = ACCOUNT): Identity => ({
  type: 'IAMUser',
  principalId: `AIDA${name.toUpperCase()}`,
  arn: `arn:aws:iam::${accountId}:user/${name}`,
  accountId,
  accessKeyId: `AKIA${name.toUpperCase()}`,
  userName: name,
});

/** A session of a role. Old records lack the issuer. */
export const session = (role: string, name: string, { key = `ASIA${role}`, issuer = true } = {}): Identity => ({
  type: 'AssumedRole',
  principalId: `AROA${role.toUpperCase()}:${name}`,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`,
  accountId: ACCOUNT,
  accessKeyId: key,
  ...(issuer
    ? {
        sessionContext: {
          sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${ACCOUNT}:role/path/${role}`, userName: role },
          attributes: { creationDate: '2026-11-20T09:00:00Z', mfaAuthenticated: 'false' },
        },
      }
    : {}),
});

export interface EventOptions {
  readonly at: number;
  readonly name: string;
  readonly identity: unknown;
  readonly parameters?: unknown;
  readonly more?: Event;
}

/** Makes events with IDs that are the same for the same random numbers. */
export function eventMaker(random: Random): (source: 'iam' | 'sts', options: EventOptions) => Event {
  return (source, { at, name, identity, parameters = null, more = {} }) => ({
    eventVersion: '1.11',
    eventID: uuid(random),
    eventTime: new Date((START + Math.floor(at)) * 1000).toISOString().replace('.000Z', 'Z'),
    eventSource: `${source}.amazonaws.com`,
    eventName: name,
    awsRegion: source === 'iam' ? 'us-east-1' : 'eu-west-1',
    sourceIPAddress: '198.51.100.7',
    userAgent: agents.js,
    userIdentity: identity,
    requestParameters: parameters,
    responseElements: null,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
    managementEvent: true,
    readOnly: true,
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      clientProvidedHostHeader: `${source === 'iam' ? 'iam' : 'sts.eu-west-1'}.amazonaws.com`,
    },
    ...more,
  });
}

export function uuid(random: Random): string {
  const hex = (length: number): string => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
  return [8, 4, 4, 4, 12].map(hex).join('-');
}

/** The forms in which AWS names a throttled call, and one that is an error of another kind. */
export const throttles: readonly Event[] = [
  { errorCode: 'Throttling', errorMessage: 'Rate exceeded' },
  { errorCode: 'ThrottlingException' },
  { errorCode: 'Client.RequestLimitExceeded', errorMessage: 'Request limit exceeded.' },
  { errorCode: 'UnknownError', errorMessage: 'Sorry: Rate exceeded for this account' },
];

export const times = <T>(count: number, value: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => value(n));
export const pick = <T>(random: Random, values: readonly T[], fallback: T): T =>
  values[Math.floor(random() * values.length)] ?? fallback;
export const throttle = (random: Random): Event => pick(random, throttles, {});

export type EventMaker = ReturnType<typeof eventMaker>;
