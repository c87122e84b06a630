import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Effect, Policy, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, CfnFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { FunctionsByName, HandlerName } from '../core/contract/environment.ts';
import { acknowledgeWildcards } from './acknowledgements.ts';
import { AuditNetwork } from './audit-network.ts';
import { auditRole } from './audit-role.ts';
import { customerKey } from './customer-key.ts';
import { AccountList } from './account-list.ts';
import { accountEnvironment, functionEnvironment } from './function-environment.ts';
import { functionPermissions, type Permission } from './function-permissions.ts';
import type { ResultsBucket } from './results-bucket.ts';
import { accountsOf, listedAccounts, type Settings } from './settings.ts';

/** Lambda's maximum timeout, because the work grows with the account. A batch stops itself before the timeout. */
const MAX_TIMEOUT = Duration.minutes(15);

/**
 * Memory in megabytes, measured on the deployed bundles (`npm run measure:functions`, figures in docs/deploy.md).
 * Lambda's CPU share grows with the memory: reading reports and joining evidence need the CPU share of 1,024 MB.
 * PlanRun mostly waits for S3.
 */
const resources: Readonly<Record<HandlerName, { readonly memoryMegabytes: number; readonly timeout: Duration }>> = {
  // An organization of thousands of accounts takes minutes to read.
  'plan-run': { memoryMegabytes: 256, timeout: MAX_TIMEOUT },
  'inventory-account': { memoryMegabytes: 1024, timeout: MAX_TIMEOUT },
  'audit-batch': { memoryMegabytes: 1024, timeout: MAX_TIMEOUT },
  'summarise-account': { memoryMegabytes: 1024, timeout: MAX_TIMEOUT },
  // It mostly waits for reports.
  'organization-use': { memoryMegabytes: 512, timeout: MAX_TIMEOUT },
  'summarise-run': { memoryMegabytes: 1024, timeout: MAX_TIMEOUT },
  // It writes the report again, as SummariseRun does.
  'name-culprits': { memoryMegabytes: 1024, timeout: MAX_TIMEOUT },
  // It mostly waits for Security Hub, and holds at most a hundred findings.
  'import-findings': { memoryMegabytes: 512, timeout: MAX_TIMEOUT },
};

/** CommonJS dependencies in an ESM bundle call `require`, which ESM does not define. */
const requireBanner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Providers of the SDK's default chain that are never used: in Lambda the environment has the credentials. */
const unreachableProviders = [
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/credential-provider-login',
];

export interface AuditFunctionsProps {
  readonly results: ResultsBucket;
  readonly settings: Settings;
  /** A name and not a reference: a reference would be a circular dependency of the state machine and its functions. */
  readonly stateMachineName: string;
}

/** One function for each state of the workflow that invokes one. Each has its own role, policy and log group. */
export class AuditFunctions extends Construct {
  readonly byName: FunctionsByName<NodejsFunction>;
  readonly #props: AuditFunctionsProps;
  readonly #key: IKey | undefined;
  readonly #network: AuditNetwork;
  readonly #accountList: AccountList | null;

  constructor(scope: Construct, id: string, props: AuditFunctionsProps) {
    super(scope, id);
    this.#props = props;
    this.#key = customerKey(this, props.settings);
    this.#network = new AuditNetwork(this, 'Network', { settings: props.settings });
    const accountIds = listedAccounts(props.settings);
    this.#accountList = accountIds === null ? null : new AccountList(this, 'AccountList', { accountIds });
    this.byName = {
      'plan-run': this.#make('plan-run'),
      'inventory-account': this.#make('inventory-account'),
      'audit-batch': this.#make('audit-batch'),
      'summarise-account': this.#make('summarise-account'),
      ...(accountsOf(props.settings) === 'organization' ? { 'organization-use': this.#make('organization-use') } : {}),
      'summarise-run': this.#make('summarise-run'),
      ...(props.settings.doctor === undefined ? {} : { 'name-culprits': this.#make('name-culprits') }),
      ...(props.settings.securityHub ? { 'import-findings': this.#make('import-findings') } : {}),
    };
  }

  #make(name: HandlerName): NodejsFunction {
    const { settings, results } = this.#props;
    const scope = new Construct(this, name);
    const logGroup = new LogGroup(scope, 'Logs', {
      retention: logRetention(settings),
      removalPolicy: RemovalPolicy.DESTROY,
      ...(this.#key === undefined ? {} : { encryptionKey: this.#key }),
    });
    const assumedBy = new ServicePrincipal('lambda.amazonaws.com');
    const role = auditRole(scope, 'Role', { settings, name, assumedBy });
    const policy = new Policy(scope, 'Policy', { roles: [role] });
    for (const permission of functionPermissions[name]) {
      if (!this.#applies(permission)) continue;
      const { sid, actions, on, reason, deniedToCode = false } = permission;
      const arns = this.#resources(on, logGroup);
      policy.addStatements(new PolicyStatement({ sid, actions: [...actions], resources: arns }));
      if (deniedToCode) policy.addStatements(this.#denyToCode(sid, actions));
      acknowledgeWildcards(policy, arns, `${reason} Wildcards replace run, account and batch number.`);
    }
    const handler = new NodejsFunction(scope, 'Function', {
      entry: fileURLToPath(new URL(`../lambda/${name}.ts`, import.meta.url)),
      // Without it, CDK searches the lock file from the working directory, which need not be in the checkout.
      depsLockFilePath: fileURLToPath(new URL('../package-lock.json', import.meta.url)),
      handler: 'handler',
      description: `iam-audit: ${name}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: settings.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      memorySize: resources[name].memoryMegabytes,
      timeout: resources[name].timeout,
      tracing: Tracing.ACTIVE,
      logGroup,
      ...(this.#key === undefined ? {} : { environmentEncryption: this.#key }),
      // The policy above is complete: CDK must not add its own statements.
      role: role.withoutPolicyUpdates(),
      environment: {
        ...functionEnvironment(settings, results.bucket.bucketName),
        ...(name === 'plan-run' ? accountEnvironment(settings, this.#accountList?.address ?? null) : {}),
      },
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        minify: true,
        sourceMap: true,
        mainFields: ['module', 'main'],
        banner: requireBanner,
        // The SDK of the Lambda runtime is older than the tested one.
        bundleAwsSDK: true,
        externalModules: unreachableProviders,
      },
    });
    handler.node.addDependency(policy);
    this.#network.attach(v.parse(v.instance(CfnFunction), handler.node.defaultChild));
    return handler;
  }

  /** Lambda itself uses these actions with the function's role. The function's code does not need them. */
  #denyToCode(sid: string, actions: readonly string[]): PolicyStatement {
    const functions = Stack.of(this).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return new PolicyStatement({
      sid: `${sid}NotByCode`,
      effect: Effect.DENY,
      actions: [...actions],
      resources: ['*'],
      conditions: { ArnLike: { 'lambda:SourceFunctionArn': functions } },
    });
  }

  #applies({ when }: Permission): boolean {
    const { settings } = this.#props;
    switch (when) {
      case undefined:
        return true;
      case 'memberRole':
        return settings.memberRoleName !== undefined;
      case 'noMemberRole':
        return settings.memberRoleName === undefined;
      case 'sourceIdentity':
        return settings.sourceIdentity !== undefined;
      case 'sessionTags':
        return settings.sessionTags !== undefined;
      case 'key':
        return settings.kmsKeyArn !== undefined;
      case 'vpc':
        return settings.vpc !== undefined;
      case 'accountList':
        return this.#accountList !== null;
    }
  }

  #resources(on: Permission['on'], logGroup: LogGroup): string[] {
    const { settings, results, stateMachineName } = this.#props;
    if ('objects' in on) return on.objects.map((key) => results.bucket.arnForObjects(key));
    const stack = Stack.of(this);
    switch (on.own) {
      case 'everything':
        return ['*'];
      case 'bucket':
        return [results.bucket.bucketArn];
      case 'logs':
        return [`${logGroup.logGroupArn}:*`];
      case 'key':
        return settings.kmsKeyArn === undefined ? [] : [settings.kmsKeyArn];
      case 'accountList':
        return this.#accountList === null ? [] : [this.#accountList.arn];
      case 'securityHub':
        return [
          stack.formatArn({ service: 'securityhub', resource: 'product', resourceName: `${stack.account}/default` }),
        ];
      case 'executions':
        return [
          stack.formatArn({
            service: 'states',
            resource: 'execution',
            resourceName: `${stateMachineName}:*`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ];
      case 'memberRoles':
        return memberAccounts(settings, stack.account).map((account) =>
          stack.formatArn({
            service: 'iam',
            region: '',
            account,
            resource: 'role',
            resourceName: settings.memberRoleName ?? '',
          }),
        );
    }
  }
}

/**
 * Maximum number of characters for the lists of member role ARNs in a policy. IAM allows 10,240 for all inline policies
 * of a role; the function's other permissions need about 4,000 of them.
 */
const MAX_ROLE_LISTS_LENGTH = 5_000;

/** The accounts of the member roles that a function may assume: a wildcard if the list would be too long for a policy. */
function memberAccounts(settings: Settings, ownAccount: string): readonly string[] {
  const { memberRoleName = '', sourceIdentity, sessionTags } = settings;
  const accountIds = listedAccounts(settings);
  if (accountIds === null) return accountsOf(settings) === 'organization' ? ['*'] : [ownAccount];
  const length = accountIds.length * `"arn:aws-us-gov:iam::123456789012:role/${memberRoleName}",`.length;
  // Each of these settings adds a statement with the same list.
  const lists = 1 + [sourceIdentity, sessionTags].filter((value) => value !== undefined).length;
  return lists * length > MAX_ROLE_LISTS_LENGTH ? ['*'] : accountIds;
}

/** The settings' schema accepts only the periods of CloudWatch Logs. */
export const logRetention = (settings: Settings): RetentionDays =>
  v.parse(v.enum(RetentionDays), settings.retention.logDays);
