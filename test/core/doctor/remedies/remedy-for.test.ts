import { readFileSync, readdirSync } from 'node:fs';
import { transformSync } from 'esbuild';
import * as v from 'valibot';
import { questionIds, Remedy } from '../../../../core/contract/doctor/diagnosis.ts';
import { clientOf } from '../../../../core/doctor/clients/client-of.ts';
import type { RemedyContext } from '../../../../core/doctor/remedies/examples/context.ts';
import { remedyFor } from '../../../../core/doctor/remedies/remedy-for.ts';

const agents = {
  'JavaScript 3': 'aws-sdk-js/3.1168.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#20.20.2 api/iam#3.1168.0 m/E,e',
  'JavaScript 3 in Lambda': 'aws-sdk-js/3.895.0 ua/2.1 lang/js exec-env/AWS_Lambda_nodejs20.x m/E,e',
  'JavaScript 2': 'aws-sdk-nodejs/2.1692.0 linux/v20.20.2 promise',
  Python: 'Boto3/1.29.7 md/Botocore#1.32.7 ua/2.0 lang/python#3.12.1 cfg/retry-mode#legacy Botocore/1.32.7',
  'Python in Lambda':
    'Boto3/1.35.92 md/Botocore#1.35.92 exec-env/AWS_Lambda_python3.11 cfg/retry-mode#legacy Botocore/1.35.92',
  'Java 2': 'aws-sdk-java/2.29.52 md/io#sync m/D',
  'Java 1': 'aws-sdk-java/1.12.277 Linux/5.4.204 cfg/retry-mode/legacy',
  'Go 2': 'aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.5 m/C,E',
  'Go 1': 'aws-sdk-go/1.44.298 (go1.20.5; linux; amd64)',
  PHP: 'aws-sdk-php/3.344.0 ua/2.1 os/Linux#6.1 lang/php#8.3.6 cfg/retry-mode#legacy m/D GuzzleHttp/7',
  Kotlin: 'aws-sdk-kotlin/1.3.81 ua/2.1 api/iam#1.3.81',
  Ruby: 'aws-sdk-ruby3/3.190.0 ua/2.0 cfg/retry-mode#legacy',
  'AWS CLI': 'aws-cli/2.33.17 md/awscrt#0.31.1 cfg/retry-mode#standard',
  Terraform: 'APN/1.0 HashiCorp/1.0 Terraform/1.5.2 (+https://www.terraform.io) aws-sdk-go-v2/1.18.1',
  Pulumi: 'APN/1.0 Pulumi/1.0 PulumiAws/7.1 aws-sdk-go-v2/1.36.3',
  Crossplane: 'aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.6 api/iam#1.34.3 upbound-provider-aws/1.12.0',
  ACK: 'aws-controllers-k8s/iam.services.k8s.aws-v1.3.18 aws-sdk-go-v2/1.32.7 api/iam#1.37.1',
  Prowler: 'Boto3/1.35.99 cfg/retry-mode#standard Botocore/1.35.99 APN_1826889',
  'iam-audit': 'aws-sdk-js/3.1168.0 m/E,e app/iam-audit',
  CloudFormation: 'cloudformation.amazonaws.com',
  console: 'console.amazonaws.com',
  'an AWS service': 'autoscaling.amazonaws.com',
  'nothing known': null,
};

const role = 'arn:aws:iam::123456789012:role/app/report-reader';
const contextOf = (agent: string | null, more: Partial<RemedyContext> = {}): RemedyContext => ({
  clients: [clientOf(agent, null)],
  ...more,
});

const all = Object.entries(agents).flatMap(([client, agent]) =>
  questionIds.flatMap((question) =>
    [
      'iam:GetRole',
      'sts:AssumeRole',
      'iam:PutRolePolicy',
      'sts:GetSessionToken',
      'sts:GetFederationToken',
      'sts:AssumeRoleWithWebIdentity',
    ].map((operation) => ({
      name: `${question} ${client} ${operation}`,
      remedy: remedyFor(
        question,
        contextOf(agent, { operation, role, region: 'eu-west-1', sessionSeconds: 900, longestSeconds: 43_200 }),
      ),
    })),
  ),
);

const firstTitle = (...args: Parameters<typeof remedyFor>) => remedyFor(...args).examples[0]?.for;
const codeOf = (remedy: Remedy) => remedy.examples.map(({ code }) => code).join('\n');

describe('all remedies', () => {
  test('have the form of the contract, a text and no empty example', () => {
    for (const { name, remedy } of all) {
      expect({ name, valid: v.is(Remedy, remedy) }).toEqual({ name, valid: true });
      expect({
        name,
        complete: remedy.text.length > 50 && remedy.examples.every(({ code }) => code.trim() === code),
      }).toEqual({ name, complete: true });
      expect(new Set(remedy.examples.map((example) => example.for)).size).toBe(remedy.examples.length);
      expect(JSON.stringify(remedy)).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  test('have JavaScript that parses', () => {
    const codes = all.flatMap(({ remedy }) => remedy.examples.filter((example) => example.for.includes('JavaScript')));
    expect(codes.length).toBeGreaterThan(50);
    for (const { code } of codes) expect(() => transformSync(code, { loader: 'js', format: 'esm' })).not.toThrow();
  });

  test('have JavaScript that imports only what the packages export', () => {
    const imports = all
      .flatMap(({ remedy }) => remedy.examples)
      .flatMap(({ code }) => [...code.matchAll(/import \{ ([\w, ]+) \} from '(@aws-sdk\/[\w-]+)'/g)]);
    expect(imports.length).toBeGreaterThan(10);
    for (const [, names = '', from = ''] of imports) {
      const exported = jest.requireActual<Record<string, unknown>>(from);
      for (const name of names.split(', '))
        expect({ from, name, type: typeof exported[name] }).toEqual({ from, name, type: 'function' });
    }
  });

  test('have policies that are JSON within the limits of IAM', () => {
    const policies = all
      .flatMap(({ remedy }) => remedy.examples)
      .filter(({ code }) => code.startsWith('{'))
      .map(({ code }) => JSON.parse(code) as object);
    expect(policies.length).toBeGreaterThan(0);
    for (const policy of policies) expect(JSON.stringify(policy).length).toBeLessThan(2_048);
  });

  test('have session policies on the command line that are JSON', () => {
    const [, policy = ''] =
      /--policy '(.+)'/.exec(codeOf(remedyFor('policy-writes', contextOf(agents['AWS CLI'])))) ?? [];
    expect(JSON.parse(policy)).toMatchObject({ Version: '2012-10-17' });
  });
});

describe('the choice of examples', () => {
  test.each([
    ['JavaScript 3', 'AWS SDK for JavaScript v3'],
    ['JavaScript 3 in Lambda', 'AWS SDK for JavaScript v3 in Lambda'],
    ['JavaScript 2', 'AWS SDK for JavaScript v2'],
    ['Python', 'AWS SDK for Python (Boto3)'],
    ['Python in Lambda', 'AWS SDK for Python (Boto3) in Lambda'],
    ['Java 2', 'AWS SDK for Java v2'],
    ['Java 1', 'AWS SDK for Java v1'],
    ['Go 2', 'AWS SDK for Go v2'],
    ['Go 1', 'AWS SDK for Go v1'],
    ['Ruby', 'Shared file ~/.aws/config'],
    ['AWS CLI', 'AWS CLI'],
    ['Terraform', 'Terraform, OpenTofu'],
  ] as const)('%s: the first example is for %s', (client, title) => {
    expect(firstTitle('credential-cache', contextOf(agents[client], { role }))).toBe(title);
  });

  test('an unknown client gets JavaScript, Python, the AWS CLI and settings', () => {
    for (const clients of [[], [clientOf('my-tool/1.0', null)]])
      expect(remedyFor('backoff', { clients }).examples.map((example) => example.for)).toEqual([
        'AWS SDK for JavaScript v3',
        'AWS SDK for Python (Boto3)',
        'AWS CLI',
        'Environment variables',
      ]);
  });

  test('the client with the most calls comes first, and each example is there once', () => {
    const clients = [agents.Python, agents['Java 2'], agents.Python].map((agent) => clientOf(agent, null));
    expect(remedyFor('backoff', { clients }).examples.map((example) => example.for)).toEqual([
      'AWS SDK for Python (Boto3)',
      'Environment variables',
      'AWS SDK for Java v2',
    ]);
  });

  test.each(['CloudFormation', 'console', 'an AWS service'] as const)(
    '%s: no code, because nobody can change it',
    (client) => {
      for (const question of questionIds.filter((id) => id !== 'accounts')) {
        const { text, examples } = remedyFor(question, contextOf(agents[client], { operation: 'iam:GetRole' }));
        expect(examples).toEqual([]);
        expect(text).toMatch(/^(CloudFormation|A person|An AWS service) makes these calls/);
      }
    },
  );
});

describe('backoff', () => {
  test('with an SDK that waits, the loop of the program is the cause', () => {
    expect(remedyFor('backoff', contextOf(agents['Go 2'])).text).toContain('loop in the program');
    expect(remedyFor('backoff', contextOf(agents.Python)).text).not.toContain('loop in the program');
    expect(remedyFor('backoff', contextOf(null)).text).not.toContain('loop in the program');
  });

  test('the client is for the service that throttles', () => {
    const sts = codeOf(remedyFor('backoff', contextOf(agents.Python, { operation: 'sts:AssumeRole' })));
    expect(sts).toContain('boto3.client("sts"');
    expect(codeOf(remedyFor('backoff', contextOf(agents.Python, { operation: 'iam:GetRole' })))).toContain(
      'boto3.client("iam"',
    );
  });

  test('the AWS CLI gets mode standard, because each command is a process of its own', () => {
    expect(codeOf(remedyFor('backoff', contextOf(agents['AWS CLI'])))).toContain('AWS_RETRY_MODE=standard');
  });
});

describe('retries of clients with settings of their own', () => {
  const remedyOf = (client: keyof typeof agents, operation = 'iam:GetRole') =>
    remedyFor('backoff', contextOf(agents[client], { operation }));

  test('the SDK for JavaScript v2 has no retry modes, so no setting of one is shown', () => {
    for (const question of ['backoff', 'bursts', 'callers'] as const) {
      const remedy = remedyFor(question, contextOf(agents['JavaScript 2'], { operation: 'iam:GetRole' }));
      expect(codeOf(remedy)).not.toContain('AWS_RETRY_MODE');
    }
    const { text, examples } = remedyOf('JavaScript 2');
    expect(text).toContain('no retry modes');
    expect(text).not.toContain('mode standard');
    expect(examples.map((example) => example.for)).toEqual(['AWS SDK for JavaScript v2']);
    expect(codeOf(remedyOf('JavaScript 2'))).toContain('retryDelayOptions: { base: 500 }');
  });

  test('PHP and Kotlin get code of their own', () => {
    const [php] = remedyOf('PHP', 'sts:GetCallerIdentity').examples;
    expect([php?.for, php?.code]).toEqual(['AWS SDK for PHP v3', expect.stringContaining("'mode' => 'standard'")]);
    expect(php?.code).toContain('use Aws\\Sts\\StsClient;');
    expect(php?.code).toContain('$sts = new StsClient([');
    const kotlin = remedyOf('Kotlin');
    expect(kotlin.examples.map((example) => example.for)).not.toContain('Environment variables');
    expect(codeOf(kotlin)).toContain('initialDelay = 500.milliseconds');
  });

  test.each(['Terraform', 'Pulumi'] as const)('%s makes 25 attempts, which no example lowers', (client) => {
    for (const question of ['backoff', 'bursts', 'callers'] as const) {
      const remedy = remedyFor(question, contextOf(agents[client], { operation: 'iam:GetRole' }));
      expect(codeOf(remedy)).not.toContain('AWS_MAX_ATTEMPTS');
      expect(remedy.text).not.toMatch(/GetAccountAuthorizationDetails|8 attempts/);
      expect(remedy.text).toContain('Do not set AWS_MAX_ATTEMPTS');
      expect(remedy.examples.map((example) => example.for)).not.toContain('iam-audit');
    }
  });

  test.each([
    ['Crossplane', '--max-reconcile-rate'],
    ['ACK', 'defaultMaxConcurrentSyncs'],
  ] as const)('%s has settings for its reads, and no code', (client, setting) => {
    for (const question of ['backoff', 'bursts', 'callers', 'policy-writes'] as const) {
      const remedy = remedyFor(question, contextOf(agents[client], { operation: 'iam:GetRole' }));
      expect(codeOf(remedy)).toContain(setting);
      expect(remedy.text).not.toContain('GetAccountAuthorizationDetails');
    }
  });
});

describe('reads of IAM', () => {
  const remedyOf = (...operations: string[]) =>
    remedyFor('bursts', contextOf(agents.Python, { operation: operations[0], operations }));

  test.each([
    [['iam:GetRole', 'iam:ListRolePolicies'], true],
    [['iam:GetRole', 'iam:GetServiceLastAccessedDetails'], true],
    [['iam:GetAccountSummary'], false],
    [['iam:SimulatePrincipalPolicy'], false],
    [['iam:GetGroup', 'iam:TagRole'], false],
  ])('%j: GetAccountAuthorizationDetails is advised: %s', (operations, isAdvised) => {
    const remedy = remedyOf(...operations);
    expect(`${remedy.text}${codeOf(remedy)}`.includes('GetAccountAuthorizationDetails')).toBe(isAdvised);
    expect(remedy.examples.length).toBeGreaterThan(0);
  });

  test('reads that it does not replace are named', () => {
    expect(remedyOf('iam:GetRole', 'iam:ListAccessKeys').text).toContain(
      'instead of calling GetRole for each of them. It does not replace the calls to ListAccessKeys',
    );
  });

  test('the wait follows from the rate that AWS served', () => {
    const context = contextOf(agents.Python, { operation: 'iam:GetRole', servedPerSecond: 20 });
    const remedy = remedyFor('bursts', context);
    expect(remedy.text).toContain('Wait 0.1 seconds between the calls that remain (10 calls a second)');
    expect(remedy.text).toContain('AWS served 20 calls a second');
    expect(codeOf(remedy)).toContain('time.sleep(0.1)');
    const unknown = remedyFor('bursts', contextOf(agents.Python, { operation: 'iam:GetRole' }));
    expect(unknown.text).toContain('Wait between the calls that remain.');
  });

  test('a trust policy is not replaced by a session policy', () => {
    for (const question of ['policy-writes', 'callers'] as const) {
      const remedy = remedyFor(question, contextOf(agents.Python, { operation: 'iam:UpdateAssumeRolePolicy' }));
      expect(remedy.text).toContain('A session policy does not replace a trust policy');
      expect(codeOf(remedy)).not.toContain('--policy');
      expect(codeOf(remedy)).toContain('aws:PrincipalOrgID');
    }
  });
});

describe('sessions', () => {
  test('with role chaining an hour is the limit, and the role is not changed', () => {
    const remedy = remedyFor(
      'session-duration',
      contextOf(agents.Python, { role, sessionSeconds: 1_800, longestSeconds: 3_600 }),
    );
    expect(remedy.text).toContain('role chaining to one hour');
    expect(codeOf(remedy)).toContain('duration_seconds = 3600');
    expect(codeOf(remedy)).not.toContain('update-role');
  });

  test('an unknown limit is treated like role chaining', () => {
    expect(codeOf(remedyFor('session-duration', contextOf(null)))).not.toMatch(/update-role|43200/);
  });

  test("without role chaining the role's maximum is raised first", () => {
    const remedy = remedyFor('session-duration', contextOf(agents['AWS CLI'], { role, longestSeconds: 43_200 }));
    expect(remedy.examples[0]?.code).toBe('aws iam update-role --role-name report-reader --max-session-duration 43200');
    expect(remedy.examples[1]?.code).toContain('duration_seconds = 43200');
  });

  test.each([
    ['Python', 900, true],
    ['Python', 1_799, true],
    ['Python', 1_800, false],
    ['Java 2', 900, false],
  ] as const)(
    '%s with sessions of %d seconds: told that botocore renews them at once: %s',
    (client, sessionSeconds, told) => {
      for (const question of ['credential-cache', 'session-duration'] as const)
        expect(remedyFor(question, contextOf(agents[client], { sessionSeconds })).text.includes('at least 1,800')).toBe(
          told,
        );
    },
  );

  test('in Lambda the provider is created outside of the handler', () => {
    const { text, examples } = remedyFor('credential-cache', contextOf(agents['JavaScript 3 in Lambda'], { role }));
    expect(text).toContain('outside of the handler');
    const code = examples[0]?.code ?? '';
    expect(code.indexOf('fromTemporaryCredentials({')).toBeLessThan(code.indexOf('export const handler'));
  });

  const places = {
    EC2: ['aws-sdk-go-v2/1.36.3 lang/go m/C,E,0', 'role'],
    ECS: ['Boto3/1.35.1 exec-env/AWS_ECS_FARGATE Botocore/1.35.1', 'role'],
    'EKS Pod Identity': ['Boto3/1.35.1 m/z,b Botocore/1.35.1', 'role'],
    CodeBuild: ['aws-cli/2.33.17 exec-env/AWS_CODEBUILD', 'role'],
    'a role for a service account': ['Boto3/1.35.1 m/h,k,b Botocore/1.35.1', 'role'],
    'a user': [agents.Python, 'user'],
    'a user with the AWS CLI': [agents['AWS CLI'], 'user'],
    'a role anywhere': [agents.Ruby, 'role'],
    Lambda: [agents['Python in Lambda'], 'role'],
  } as const;
  const sourceAt: Readonly<Record<keyof typeof places, readonly string[]>> = {
    EC2: ['credential_source = Ec2InstanceMetadata'],
    ECS: ['credential_source = EcsContainer'],
    'EKS Pod Identity': ['credential_source = EcsContainer'],
    CodeBuild: ['credential_source = EcsContainer'],
    'a role for a service account': ['source_profile = service-account', 'web_identity_token_file = /var/run/secrets'],
    'a user': ['source_profile = my-user', '~/.aws/credentials'],
    'a user with the AWS CLI': ['source_profile = my-user', '~/.aws/credentials'],
    'a role anywhere': ['credential_source = Ec2InstanceMetadata', 'On EC2. In ECS', 'source_profile = PROFILE'],
    Lambda: ['credential_source = Environment'],
  };

  test.each(Object.entries(places))(
    'the profile has the source of credentials of the place where the client runs: %s',
    (place, [agent, kind]) => {
      const expected = sourceAt[place as keyof typeof places];
      for (const question of ['credential-cache', 'session-duration'] as const) {
        const code = codeOf(remedyFor(question, contextOf(agent, { kind, role, operation: 'sts:AssumeRole' })));
        for (const line of expected) expect(code).toContain(line);
        const sources = new Set(
          code.match(/^(?:# )?(?:credential_source|source_profile) = \S+/gm)?.map((one) => one.replace('# ', '')),
        );
        expect([...sources]).toEqual([expected.find((line) => / = /.test(line))]);
      }
    },
  );

  test.each([
    ['JavaScript 3 in Lambda', ['AWS SDK for JavaScript v3 in Lambda']],
    ['Python in Lambda', ['AWS SDK for Python (Boto3) in Lambda']],
    ['aws-sdk-java/2.29.52 exec-env/AWS_Lambda_java21', ['AWS SDK for Java v2']],
    ['aws-sdk-ruby3/3.190.0 exec-env/AWS_Lambda_ruby3.3', []],
  ])('%s: no shared file, because Lambda always sets AWS_ACCESS_KEY_ID', (client, titles) => {
    const agent = client in agents ? agents[client as keyof typeof agents] : client;
    const remedy = remedyFor('credential-cache', contextOf(agent, { kind: 'role', role, operation: 'sts:AssumeRole' }));
    expect(remedy.examples.map((example) => example.for)).toEqual(titles);
    expect(JSON.stringify(remedy)).not.toContain('without AWS_ACCESS_KEY_ID');
  });

  test('an SDK without an example gets the name of its provider', () => {
    const agent = 'aws-sdk-ruby3/3.190.0 exec-env/AWS_Lambda_ruby3.3';
    expect(remedyFor('credential-cache', contextOf(agent)).text).toContain('Aws::AssumeRoleCredentials');
  });

  test('with a token of a service account, a profile is shown only for programs that prefer it to the token', () => {
    const titles = (agent: string) =>
      remedyFor('credential-cache', contextOf(agent, { kind: 'role' })).examples.map((example) => example.for);
    expect(titles('aws-sdk-java/2.29.52 m/k')).toEqual(['AWS SDK for Java v2']);
    expect(titles('aws-sdk-js/3.895.0 m/k')).toEqual(['AWS SDK for JavaScript v3', 'Shared file ~/.aws/config']);
  });

  test('each client of a caller gets the profile of its own place', () => {
    const clients = [agents['Python in Lambda'], 'aws-sdk-go-v2/1.36.3 lang/go m/C,E,0'].map((agent) =>
      clientOf(agent, null),
    );
    const { examples } = remedyFor('credential-cache', { clients, role });
    expect(examples.map((example) => example.for)).toEqual([
      'AWS SDK for Python (Boto3) in Lambda',
      'AWS SDK for Go v2',
      'Shared file ~/.aws/config',
    ]);
    expect(examples[2]?.code).toContain('Ec2InstanceMetadata');
  });

  test('a user whose program runs on AWS is told to use the role of the place', () => {
    const text = (kind: 'user' | 'role') =>
      remedyFor('credential-cache', contextOf(agents['JavaScript 3 in Lambda'], { kind, role })).text;
    expect(text('user')).toContain('The caller is an IAM user, but its program runs on AWS');
    expect(text('role')).not.toContain('IAM user');
  });

  test('Terraform gets no profile: its provider assumes the role', () => {
    const { examples } = remedyFor('credential-cache', contextOf(agents.Terraform, { role, kind: 'user' }));
    expect(examples.map((example) => example.for)).toEqual(['Terraform, OpenTofu']);
  });

  test('GitHub Actions is not shown to the AWS CLI on AWS', () => {
    const titles = (agent: string) =>
      remedyFor('credential-cache', contextOf(agent, { role })).examples.map((example) => example.for);
    expect(titles(agents['AWS CLI'])).toEqual(['AWS CLI', 'GitHub Actions']);
    expect(titles('aws-cli/2.33.17 exec-env/AWS_ECS_FARGATE')).toEqual(['AWS CLI']);
  });

  test.each(['sts:GetSessionToken', 'sts:GetFederationToken'] as const)(
    '%s: no example assumes a role',
    (operation) => {
      for (const agent of Object.values(agents)) {
        const remedy = remedyFor('credential-cache', contextOf(agent, { operation, kind: 'user' }));
        expect(JSON.stringify(remedy)).not.toMatch(
          /assume.?role|role_arn|ROLE_NAME|credential_source|fromTemporaryCredentials/i,
        );
      }
    },
  );

  test.each([
    ['JavaScript 3', 'GetSessionTokenCommand({ DurationSeconds: 43200 })'],
    ['Python', 'get_session_token(DurationSeconds=43200)'],
    ['Java 2', 'StsGetSessionTokenCredentialsProvider'],
    ['Go 2', 'client.GetSessionToken'],
    ['AWS CLI', 'aws sts get-session-token --duration-seconds 43200'],
  ] as const)('GetSessionToken with %s: %s', (client, expected) => {
    const context = contextOf(agents[client], { operation: 'sts:GetSessionToken', kind: 'user' });
    expect(codeOf(remedyFor('credential-cache', context))).toContain(expected);
  });

  test('a session of the root user lasts an hour at most, so no example requests more', () => {
    const remedy = remedyFor(
      'credential-cache',
      contextOf(agents.Python, { operation: 'sts:GetSessionToken', kind: 'root' }),
    );
    expect(codeOf(remedy)).toContain('DurationSeconds=3600');
    expect(remedy.text).toContain('one hour at most');
  });

  test.each([
    ['JavaScript 3', 'fromTokenFile()'],
    ['Python', 'boto3.Session()'],
    ['Java 2', 'WebIdentityTokenFileCredentialsProvider'],
    ['Terraform', 'assume_role_with_web_identity'],
    ['AWS CLI', 'aws configure export-credentials'],
  ] as const)('AssumeRoleWithWebIdentity with %s: %s', (client, expected) => {
    const code = codeOf(
      remedyFor('callers', contextOf(agents[client], { operation: 'sts:AssumeRoleWithWebIdentity', kind: 'role' })),
    );
    expect(code).toContain(expected);
    expect(code).not.toMatch(/fromTemporaryCredentials|credential_source/);
  });

  test('SAML has no provider that requests sessions, so there is no code', () => {
    const remedy = remedyFor('callers', contextOf(agents.Python, { operation: 'sts:AssumeRoleWithSAML' }));
    expect(remedy.examples).toEqual([]);
    expect(remedy.text).toContain('SessionDuration');
  });
});

describe('callers', () => {
  test.each([
    ['sts:AssumeRole', 'credential-cache'],
    ['sts:AssumeRoleWithWebIdentity', 'credential-cache'],
    ['iam:ListRoles', 'bursts'],
    ['iam:SimulatePrincipalPolicy', 'bursts'],
    ['iam:PutRolePolicy', 'policy-writes'],
    ['iam:CreatePolicyVersion', 'policy-writes'],
    ['iam:CreateRole', 'backoff'],
    ['sts:GetCallerIdentity', 'backoff'],
  ] as const)('%s gets the remedy of %s', (operation, question) => {
    const context = contextOf(agents.Python, { operation, role });
    expect(remedyFor('callers', context)).toEqual(remedyFor(question, context));
  });

  test.each([
    [undefined, 'Spread over 6 hours', '--spread-over 360'],
    [1.5, 'Spread over 90 minutes', '--spread-over 90'],
    [48, 'Spread over 24 hours', '--spread-over 1440'],
  ])('the example spreads over the time of the diagnosis: %s hours', (spreadHours, title, option) => {
    const code = codeOf(remedyFor('bursts', contextOf(agents.Python, { spreadHours })));
    expect(code).toContain(title);
    expect(code).toContain(option);
  });

  test('a burst of this product names its own settings', () => {
    const remedy = remedyFor('bursts', contextOf(agents['iam-audit']));
    expect(remedy.text).toContain('--spread-over');
    expect(remedy.examples.map((example) => example.for)).toEqual(['iam-audit']);
  });
});

describe('text from logs', () => {
  test('a Region is used in text and code', () => {
    const remedy = remedyFor('sts-endpoint', contextOf(agents.Python, { region: 'eu-west-1' }));
    expect(remedy.text).toContain('sts.eu-west-1.amazonaws.com');
    expect(codeOf(remedy)).toContain('AWS_REGION=eu-west-1');
    expect(remedyFor('sts-endpoint', contextOf(null, { region: 'cn-north-1' })).text).toContain(
      'sts.cn-north-1.amazonaws.com.cn',
    );
  });

  test.each([
    'arn:aws:iam::123456789012:role/reader',
    'arn:aws-us-gov:iam::123456789012:role/a/b/c/reader@x=1,2.3_4-5+6',
    'arn:aws-cn:iam::123456789012:role/aws-service-role/x.amazonaws.com/reader',
  ])('the ARN %s goes into the code', (arn) => {
    expect(codeOf(remedyFor('credential-cache', contextOf(agents.Python, { role: arn })))).toContain(
      `role_arn = ${arn}\n`,
    );
  });

  test.each([
    [{ role: 'arn:aws-us-gov:iam::123456789012:role/reader' }, 'aws-us-gov'],
    [{ caller: 'arn:aws-cn:iam::123456789012:role/reader' }, 'aws-cn'],
    [{ region: 'us-gov-west-1' }, 'aws-us-gov'],
    [{ region: 'cn-northwest-1' }, 'aws-cn'],
    [{ region: 'eu-west-1' }, 'aws'],
  ] as const)('with %j, the ARNs in examples are of the partition %s', (place, partition) => {
    for (const agent of Object.values(agents))
      for (const question of questionIds) {
        const code = codeOf(remedyFor(question, contextOf(agent, { ...place, kind: 'role' })));
        // A policy with arn:* is right in every partition.
        const partitions = [...code.matchAll(/arn:(aws[a-z-]*|\*):/g)].map(([, name]) => name);
        expect(partitions.filter((name) => name !== partition && name !== '*')).toEqual([]);
      }
  });

  const hostile = [
    "arn:aws:iam::123456789012:role/x'); process.exit(); ('",
    'arn:aws:iam::123456789012:role/x" + system("id") + "',
    'arn:aws:iam::123456789012:role/$(id)',
    'arn:aws:iam::123456789012:role/`id`',
    'arn:aws:iam::123456789012:role/${file("x")}',
    'arn:aws:iam::123456789012:role/x\nrole_arn = y',
    'arn:aws:iam::123456789012:role/x\n',
    'arn:aws:iam::123456789012:role/--profile',
    'arn:aws:iam::123456789012:role/<script>',
    'arn:aws:iam::123456789012:role/\u001b[2J',
    'arn:aws:iam::123456789012:user/x',
    'arn:aws:iam::12:role/x',
    'eu-west-1; rm -rf /',
    'eu-west-1\n',
    'eu-west-1"',
    '${region}-1',
  ];

  test.each(hostile)('%j reaches neither text nor code', (text) => {
    for (const agent of Object.values(agents))
      for (const question of questionIds) {
        const remedy = remedyFor(
          question,
          contextOf(agent, { role: text, region: text, operation: text, longestSeconds: 43_200 }),
        );
        const clean = remedyFor(question, contextOf(agent, { operation: 'x', longestSeconds: 43_200 }));
        expect(remedy).toEqual(clean);
      }
  });

  test('unknown values are placeholders that stand out', () => {
    expect(codeOf(remedyFor('credential-cache', contextOf(agents.Terraform)))).toMatch(
      /YOUR_REGION[\s\S]*role\/ROLE_NAME/,
    );
  });
});

test('iam-audit commands in examples have options that the command line knows', () => {
  const program = readdirSync('cli', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(`cli/${name}`, 'utf8'))
    .join('\n');
  const commands = all.flatMap(({ remedy }) => codeOf(remedy).match(/npx iam-audit run.*/g) ?? []);
  expect(commands.length).toBeGreaterThan(0);
  for (const [option] of commands.flatMap((command) => [...command.matchAll(/--[\w-]+/g)]))
    expect(program).toContain(`${option} <`);
});
