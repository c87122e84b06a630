import { S3Client } from '@aws-sdk/client-s3';
import { Writable } from 'node:stream';
import { S3Store } from '../../aws/s3-store.ts';
import { environmentNames, handlerNames, type HandlerName } from '../../core/contract/environment.ts';
import { iamReads } from '../../core/contract/permissions.ts';
import { functionPermissions, type Permission } from '../../lib/function-permissions.ts';
import { DeployedWorkflow } from '../../local/deployed/deployed-workflow.ts';
import type { DeployedFunction } from '../../local/deployed/deployed-functions.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import type { RecordedCall } from '../../local/emulated-aws/cloudtrail/recorded-call.ts';
import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { bodyOf, listenOnLoopback, type LoopbackServer } from '../../local/emulated-aws/loopback.ts';
import { startEmulatedS3, type EmulatedS3 } from '../../local/emulated-aws/s3/server.ts';
import { startEmulatedSecurityHub, type EmulatedSecurityHub } from '../../local/emulated-aws/security-hub-server.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import { ServiceError } from '../../local/emulated-aws/service-error.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { systemClock } from '../../local/system-clock.ts';

export const BUCKET = 'results';
export const ACCOUNT_LIST = 'assets/accounts.json';

/** One action of one statement of a function's role, on one of its resources. */
export interface Grant {
  readonly name: HandlerName;
  readonly permission: Permission;
  readonly action: string;
  /** A key with wildcards, or what `own` says. */
  readonly on: string;
}

export const grants: readonly Grant[] = handlerNames.flatMap((name) =>
  functionPermissions[name].flatMap((permission) =>
    permission.actions.flatMap((action) =>
      ('objects' in permission.on ? permission.on.objects : [permission.on.own]).map((on) => ({
        name,
        permission,
        action,
        on,
      })),
    ),
  ),
);

/** For example `plan-run s3:GetObject state/claim.json`. */
export const inWords = ({ name, action, on }: Pick<Grant, 'name' | 'action' | 'on'>): string =>
  `${name} ${action} ${on}`;

/** A function of one deployment. */
interface Caller {
  readonly name: HandlerName;
  /** The conditions of the permissions that its settings grant. */
  readonly conditions: ReadonlySet<Permission['when']>;
}

interface EnforcedSettings {
  readonly functions: ReadonlyMap<HandlerName, DeployedFunction>;
  readonly hub: string;
  readonly accounts: readonly EmulatedAccount[];
  /** Denied actions by account ID. */
  readonly denied?: Readonly<Record<string, readonly string[]>>;
  readonly cloudTrail?: (call: RecordedCall) => void;
  /** Called before each request of a function to S3 that is allowed. An error that it throws is the response. */
  readonly onObject?: (name: HandlerName, method: string, key: string) => void;
}

/**
 * The bundles that would be deployed, each with credentials of its own. Every request is refused unless the function's role in
 * `lib/function-permissions.ts` allows it. Which permissions the requests needed is recorded.
 */
export class EnforcedDeployment {
  aws!: EmulatedAws;
  securityHub!: EmulatedSecurityHub;
  store!: S3Store;
  /** Requests that no permission allows. */
  readonly refused: string[] = [];
  /** Permissions that requests needed, in words. */
  readonly used = new Set<string>();
  /** What S3 would bill for all requests, in dollars, also for those of the state machine's reader. */
  billed = 0;
  /** What the functions logged. */
  readonly logged: string[] = [];
  /** The secrets of their credentials. */
  readonly secrets: string[] = [];
  /** ARNs of the executions that Step Functions says are running. */
  readonly running = new Set<string>();
  readonly #callers = new Map<string, Caller>();
  readonly #workflows: DeployedWorkflow[] = [];
  #s3!: EmulatedS3;
  #client!: S3Client;
  #others!: LoopbackServer;

  private constructor(private readonly settings: EnforcedSettings) {}

  static async start(settings: EnforcedSettings): Promise<EnforcedDeployment> {
    const deployment = new EnforcedDeployment(settings);
    await deployment.#start();
    return deployment;
  }

  async #start(): Promise<void> {
    const { accounts, hub, denied = {}, cloudTrail } = this.settings;
    this.aws = await startEmulatedAws({
      accounts,
      clock: systemClock,
      random: seededRandom(1),
      limit: null,
      denied,
      cloudTrail: (call) => {
        this.#onCall(call);
        cloudTrail?.(call);
      },
      // The functions' own Region. Their STS Region is another one.
      inactiveStsRegions: Object.fromEntries(
        accounts.filter(({ accountId }) => accountId !== hub).map(({ accountId }) => [accountId, ['us-east-1']]),
      ),
      authorize: ({ arn }, operation) => {
        if (arn.includes(`assumed-role/${AUDIT_ROLE}`)) return (iamReads as readonly string[]).includes(operation);
        // STS answers it without a permission.
        if (operation === 'sts:GetCallerIdentity') return true;
        const caller = this.#callerOf(arn);
        return caller === undefined || this.#allows(caller, operation, (on) => !on.includes('/'));
      },
    });
    this.#s3 = await startEmulatedS3({
      buckets: [BUCKET],
      now: () => systemClock.now(),
      onRequest: (method, key, accessKeyId, replaces) => {
        this.#onObject(method, key, accessKeyId, replaces);
      },
    });
    this.securityHub = await startEmulatedSecurityHub({
      accountId: hub,
      onRequest: (accessKeyId) => {
        this.#check(accessKeyId, 'securityhub:BatchImportFindings', 'securityHub');
      },
    });
    this.#others = await listenOnLoopback(async (request, response) => {
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      try {
        const accessKeyId = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
        const body = (await bodyOf(request)).toString();
        if (request.headers['x-amz-target'] === 'AWSStepFunctions.DescribeExecution') {
          this.#check(accessKeyId, 'states:DescribeExecution', 'executions');
          const { executionArn } = JSON.parse(body) as { executionArn: string };
          answer(200, { executionArn, status: this.running.has(executionArn) ? 'RUNNING' : 'ABORTED' });
        } else if (request.url?.startsWith('/2016-08-19/account-settings') === true) {
          this.#check(accessKeyId, 'lambda:GetAccountSettings', 'everything');
          answer(200, { AccountLimit: { UnreservedConcurrentExecutions: 1_000 } });
        } else answer(404, { message: `Not emulated: ${request.url}` });
      } catch (error: unknown) {
        answer(error instanceof ServiceError ? error.status : 500, { message: String(error) });
      }
    });
    this.#client = new S3Client({
      region: 'us-east-1',
      endpoint: this.#s3.url,
      forcePathStyle: true,
      credentials: { accessKeyId: 'reader', secretAccessKey: 'reader' },
    });
    this.store = new S3Store({ client: this.#client, bucket: BUCKET });
  }

  /** A deployment of these settings. All deployments have the same bucket. */
  workflowWith(
    environment: Readonly<Record<string, string>>,
    makeWorkflow: (...args: ConstructorParameters<typeof DeployedWorkflow>) => DeployedWorkflow = (...args) =>
      new DeployedWorkflow(...args),
  ): DeployedWorkflow {
    const conditions = conditionsOf(environment);
    const workflow = makeWorkflow(this.settings.functions, {
      endpoint: this.aws.url,
      s3Endpoint: this.#s3.url,
      store: this.store,
      log: this.#log,
      credentials: (name) => {
        const issued = this.aws.emulation.issueUser(this.settings.hub, userOf(name, conditions));
        this.#callers.set(issued.accessKeyId, { name, conditions });
        this.secrets.push(issued.accessKeyId, issued.secretAccessKey);
        return issued;
      },
      environment: {
        AWS_ENDPOINT_URL_SECURITYHUB: this.securityHub.url,
        AWS_ENDPOINT_URL_SFN: this.#others.url,
        AWS_ENDPOINT_URL_LAMBDA: this.#others.url,
        ...environment,
      },
    });
    this.#workflows.push(workflow);
    return workflow;
  }

  async stop(): Promise<void> {
    for (const workflow of this.#workflows) workflow.stop();
    this.#client.destroy();
    await Promise.all([this.aws, this.#s3, this.securityHub, this.#others].map((server) => server.close()));
  }

  readonly #log = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      this.logged.push(chunk.toString());
      done();
    },
  });

  #onObject(method: string, key: string, accessKeyId: string, replaces: boolean): void {
    if (method !== 'DELETE') this.billed += method === 'PUT' || method === 'POST' || key === '' ? 5e-6 : 4e-7;
    const caller = this.#callers.get(accessKeyId);
    if (caller === undefined) return;
    const on = key === '' ? 'bucket' : key;
    this.#check(accessKeyId, objectAction(method, key), on);
    // S3 compares the version only for a caller that may read the object.
    if (replaces) this.#check(accessKeyId, 's3:GetObject', on);
    // It says that an object is missing only to a caller that may list the bucket.
    const reads = method === 'GET' || method === 'HEAD';
    if (reads && this.#s3.buckets.get(BUCKET)?.get(key) === null) this.#check(accessKeyId, 's3:ListBucket', 'bucket');
    this.settings.onObject?.(caller.name, method, key);
  }

  /** AssumeRole needs further permissions for what its parameters ask for. */
  #onCall({ operation, parameters, caller: { kind, ...caller } }: RecordedCall): void {
    if (operation !== 'AssumeRole' || kind !== 'user' || !('arn' in caller)) return;
    const calling = this.#callerOf(caller.arn);
    const needs = [
      ...(parameters?.sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
      ...(parameters?.tags === undefined ? [] : ['sts:TagSession']),
    ];
    for (const action of needs) {
      if (calling !== undefined && !this.#allows(calling, action, () => true)) {
        this.refused.push(`${calling.name} ${action}`);
      }
    }
  }

  #callerOf(arn: string): Caller | undefined {
    return [...this.#callers.values()].find(({ name, conditions }) => arn.endsWith(`user/${userOf(name, conditions)}`));
  }

  /** @throws ServiceError if the function's role does not allow the action */
  #check(accessKeyId: string, action: string, on: string): void {
    const caller = this.#callers.get(accessKeyId);
    if (caller === undefined) return;
    if (this.#allows(caller, action, (granted) => matches(granted, on))) return;
    this.refused.push(`${caller.name} ${action} ${on}`);
    throw new ServiceError(403, 'AccessDenied', 'Access Denied');
  }

  #allows(caller: Caller, action: string, isOn: (granted: string) => boolean): boolean {
    const allowing = grants.filter(
      (grant) =>
        grant.name === caller.name &&
        grant.action === action &&
        grant.permission.deniedToCode !== true &&
        caller.conditions.has(grant.permission.when) &&
        isOn(grant.on),
    );
    for (const grant of allowing) this.used.add(inWords(grant));
    return allowing.length > 0;
  }
}

/** The name of the user with whose credentials a function calls. */
const userOf = (name: HandlerName, conditions: Caller['conditions']): string =>
  conditions.has('memberRole') ? name : `${name}-without-member-role`;

/** As `lib/audit-functions.ts` derives them from the settings. */
function conditionsOf(environment: Readonly<Record<string, string>>): Caller['conditions'] {
  const has = (name: string): boolean => environment[name] !== undefined;
  return new Set<Permission['when']>([
    undefined,
    has(environmentNames.memberRoleName) ? 'memberRole' : 'noMemberRole',
    ...(has(environmentNames.sourceIdentity) ? (['sourceIdentity'] as const) : []),
    ...(has(environmentNames.sessionTags) ? (['sessionTags'] as const) : []),
    ...(has(environmentNames.accountList) ? (['accountList'] as const) : []),
  ]);
}

function objectAction(method: string, key: string): string {
  switch (method) {
    case 'DELETE':
      return 's3:AbortMultipartUpload';
    case 'GET':
    case 'HEAD':
      return key === '' ? 's3:ListBucket' : 's3:GetObject';
    default:
      return 's3:PutObject';
  }
}

/** IAM's `*` also matches slashes. */
function matches(granted: string, on: string): boolean {
  if (granted === 'accountList') return on === ACCOUNT_LIST;
  return new RegExp(`^${granted.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(on);
}
