import type { Random } from '../../core/ports/clock.ts';
import {
  ACCOUNT,
  agents,
  OTHER_ACCOUNT,
  pick,
  session,
  throttle,
  times,
  user,
  uuid,
  type Event,
  type EventMaker,
} from './event-shapes.ts';

/** Records of calls to STS in every shape that the questions distinguish. */
export function stsEvents(make: EventMaker, random: Random): Event[] {
  const parts = [withoutCache, newNames, renewals, endpoints, crossAccount, services, federated];
  return parts.flatMap((part) => part(make, random));
}

/** A session for each invocation, with generated and fixed names, tenants' policies, external IDs. */
function withoutCache(make: EventMaker, random: Random): Event[] {
  const policy = (tenant: number): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::data/tenant-${tenant}/*` }],
    });
  return times(260, (n) =>
    make('sts', {
      at: 900 + n * 22 + random() * 5,
      name: 'AssumeRole',
      identity: session('lambda', 'orders'),
      parameters: {
        roleArn: `arn:aws:iam::${OTHER_ACCOUNT}:role/reader`,
        roleSessionName: pick(
          random,
          [
            `req-${uuid(random)}`,
            'orders',
            `orders-${Math.floor(random() * 1e9)}`,
            `h${uuid(random).replaceAll('-', '')}`,
          ],
          'orders',
        ),
        ...(n % 3 === 0 ? { policy: policy(n % 4) } : {}),
        ...(n % 4 === 0 ? { externalId: 'shared' } : {}),
        ...(n % 5 === 0 ? { tags: [{ key: 'tenant', value: String(n % 2) }], transitiveTagKeys: ['tenant'] } : {}),
        ...(n % 7 === 0 ? { durationSeconds: 900 } : {}),
      },
      more: {
        ...(n % 41 === 0
          ? { errorCode: 'AccessDenied', errorMessage: 'is not authorized', requestParameters: null }
          : {}),
      },
    }),
  );
}

/** Hundreds of sessions an hour, each with a name of its own: of a job, or of a person. */
function newNames(make: EventMaker, random: Random): Event[] {
  const of = (role: string, nameOf: (n: number) => string): Event[] =>
    times(400, (n) =>
      make('sts', {
        at: 1_000 + n * 8 + random() * 7,
        name: 'AssumeRole',
        identity: session(role, 'host'),
        parameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/work`, roleSessionName: nameOf(n) },
      }),
    );
  return [...of('jobs', (n) => `job-${n}`), ...of('broker', (n) => `ann.${n}@example.com`)];
}

/** Sessions renewed shortly before or after their end. The duration is a number, text, or missing. */
function renewals(make: EventMaker, random: Random): Event[] {
  return times(36, (n) =>
    make('sts', {
      at: n * 300 + random() * 40,
      name: 'AssumeRole',
      identity: n % 3 === 0 ? user('deploy') : session('ci', 'build'),
      parameters: {
        roleArn: `arn:aws:iam::${ACCOUNT}:role/deploy`,
        roleSessionName: `job-${10_000 + n}`,
        durationSeconds: n % 2 === 0 ? '900' : 900,
      },
      more: { userAgent: agents.botocore },
    }),
  );
}

/** The STS endpoints: known from additional data, from the host header, from both, or not at all. */
function endpoints(make: EventMaker, random: Random): Event[] {
  const hosts = [
    'sts.amazonaws.com',
    'STS.amazonaws.com:443',
    'sts.amazonaws.com.',
    'sts-fips.us-east-1.amazonaws.com',
    'sts.us-east-1.amazonaws.com',
    'vpce-0abc.sts.us-east-1.vpce.amazonaws.com',
    null,
  ];
  const details = [
    null,
    {},
    { RequestDetails: { endpointType: 'global', awsServingRegion: 'eu-central-1' } },
    { RequestDetails: { endpointType: 'regional', awsServingRegion: 'us-east-1' } },
    { RequestDetails: null, ExtendedRequestId: 'MTp1cy1lYXN0LTE=' },
  ];
  return times(200, (n) =>
    make('sts', {
      at: n * 40 + random() * 39,
      name: n % 3 === 0 ? 'GetCallerIdentity' : 'AssumeRole',
      identity: n % 2 === 0 ? user('global') : session('mixed', 'app'),
      parameters: n % 3 === 0 ? null : { roleArn: `arn:aws:iam::${ACCOUNT}:role/r${n % 3}`, roleSessionName: 'app' },
      more: {
        awsRegion: n % 4 === 0 ? 'eu-west-1' : 'us-east-1',
        tlsDetails: n % 11 === 0 ? null : { clientProvidedHostHeader: hosts[n % hosts.length] ?? null },
        additionalEventData: details[Math.floor(n / 5) % details.length] ?? null,
        ...(random() < 0.15 ? throttle(random) : {}),
      },
    }),
  );
}

/** The record of the role's account has neither the caller's ARN nor its key. Either record can be missing. */
function crossAccount(make: EventMaker, random: Random): Event[] {
  return times(90, (n) => {
    const shared = uuid(random);
    const parameters = {
      roleArn: `arn:aws:iam::${OTHER_ACCOUNT}:role/audited`,
      roleSessionName: 'hub',
      externalId: `x-${n % 2}`,
    };
    const at = n * 100 + random() * 50;
    const full = make('sts', {
      at,
      name: 'AssumeRole',
      identity: session('hub', 'audit'),
      parameters,
      more: { sharedEventID: shared },
    });
    const other = make('sts', {
      at,
      name: 'AssumeRole',
      identity: { type: 'AWSAccount', principalId: 'AROAHUB:audit', accountId: ACCOUNT },
      parameters,
      more: { sharedEventID: shared, recipientAccountId: OTHER_ACCOUNT },
    });
    return n % 10 === 0 ? [other] : n % 10 === 1 ? [full] : [other, full];
  }).flat();
}

function services(make: EventMaker, random: Random): Event[] {
  const linked = {
    type: 'AssumedRole',
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSServiceRoleForConfig/x`,
    accountId: ACCOUNT,
    sessionContext: {
      sessionIssuer: {
        arn: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`,
      },
    },
  };
  return times(80, (n) =>
    n % 4 === 0
      ? make('iam', {
          at: n * 90,
          name: 'ListRoles',
          identity: linked,
          more: { sourceIPAddress: 'config.amazonaws.com', userAgent: 'config.amazonaws.com' },
        })
      : make('sts', {
          at: n * 90 + random() * 60,
          name: 'AssumeRole',
          identity: { type: 'AWSService', ...(n % 5 === 0 ? {} : { invokedBy: 'ec2.amazonaws.com' }) },
          parameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/instance`, roleSessionName: 'i-0123456789abcdef0' },
          more: {
            sourceIPAddress: n % 5 === 0 ? 'AWS Internal' : 'ec2.amazonaws.com',
            userAgent: 'ec2.amazonaws.com',
            tlsDetails: null,
          },
        }),
  );
}

function federated(make: EventMaker, random: Random): Event[] {
  const identities = [
    {
      type: 'WebIdentityUser',
      principalId: 'arn:aws:iam::1:oidc-provider/x:sub',
      userName: 'repo:org/app',
      identityProvider: 'token.actions.githubusercontent.com',
    },
    { type: 'SAMLUser', principalId: 'abc=:ann', userName: 'ann' },
    {
      type: 'FederatedUser',
      principalId: `${ACCOUNT}:bob`,
      arn: `arn:aws:sts::${ACCOUNT}:federated-user/bob`,
      accountId: ACCOUNT,
      accessKeyId: 'ASIABOB',
      sessionContext: { sessionIssuer: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/broker` } },
    },
    {
      type: 'Root',
      principalId: ACCOUNT,
      arn: `arn:aws:iam::${ACCOUNT}:root`,
      accountId: ACCOUNT,
      accessKeyId: 'ASIAROOT',
    },
  ];
  const names = ['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML', 'GetFederationToken', 'GetSessionToken'];
  return times(120, (n) =>
    make('sts', {
      at: n * 60 + random() * 59,
      name: names[n % 4] ?? 'GetSessionToken',
      identity: identities[n % 4],
      parameters:
        n % 6 === 0
          ? null
          : {
              roleArn: `arn:aws:iam::${ACCOUNT}:role/web`,
              roleSessionName: `run-${n}`,
              ...(n % 2 === 0 ? { durationSeconds: 3600 } : {}),
            },
    }),
  );
}
