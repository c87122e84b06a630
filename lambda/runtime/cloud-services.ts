import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { SdkAccountAccess } from '../../aws/account-access.ts';
import { requestHandlerOf } from '../../aws/client-options.ts';
import { S3Store } from '../../aws/s3-store.ts';
import { StepFunctionsExecutions } from '../../aws/step-functions-executions.ts';
import { environmentNames as names, HandlerEnvironment } from '../../core/contract/environment.ts';
import { AccountId } from '../../core/contract/execution-input.ts';
import { UnstoredWork } from '../../core/ports/calls/unstored-work.ts';
import type { Services } from '../../core/ports/services.ts';
import { readValue } from '../../core/ports/stored-objects.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { logRunEnded, logWarning } from './function-log.ts';
import { systemClock } from './system-clock.ts';

let services: Services | null = null;

/** The services of handlers in Lambda, built at the first invocation and reused. @throws Error that names a wrong variable */
export function cloudServices(): Services {
  services ??= build(environment());
  return services;
}

function environment(): HandlerEnvironment {
  const parsed = v.safeParse(HandlerEnvironment, process.env);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`Environment variable ${v.getDotPath(issue) ?? ''}: ${issue.message}`);
}

function build(settings: HandlerEnvironment): Services {
  const roleName = settings[names.memberRoleName];
  const stsRegion = settings[names.stsRegion];
  const maxRate = settings[names.maxRate];
  const sourceIdentity = settings[names.sourceIdentity];
  const sessionTags = settings[names.sessionTags];
  const list = settings[names.accountList];
  const s3 = new S3Client({});
  const publishFigures = embeddedMetrics(settings[names.metricsNamespace]);
  const region = settings.AWS_REGION;
  return {
    ...(region === undefined ? {} : { region }),
    store: new S3Store({ client: s3, bucket: settings[names.resultsBucket] }),
    access: new SdkAccountAccess(
      {
        memberRole: roleName === undefined ? null : { roleName, externalId: settings[names.externalId] ?? null },
        ...(stsRegion === undefined ? {} : { stsRegion }),
        ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
        ...(sessionTags === undefined ? {} : { sessionTags }),
      },
      systemClock,
    ),
    ...(list === undefined
      ? {}
      : { accountList: () => accountList(new S3Store({ client: s3, bucket: list.bucket }), list.key) }),
    executions: new StepFunctionsExecutions(new SFNClient({ requestHandler: requestHandlerOf({}) })),
    clock: systemClock,
    random: Math.random,
    unstoredWork: new UnstoredWork(),
    settings: {
      accounts: settings[names.accounts],
      organizationScope: { include: settings[names.include], exclude: settings[names.exclude] },
      onlyConfigured: true,
      accountsAtOnce: settings[names.accountsAtOnce],
      principalsPerBatch: settings[names.principalsPerBatch],
      rateShare: settings[names.rateShare],
      ...(maxRate === undefined ? {} : { maxRate }),
      refreshEveryDays: settings[names.refreshEveryDays],
      refreshIdleEveryDays: settings[names.refreshIdleEveryDays],
      graceDays: settings[names.graceDays],
      unusedAfterDays: settings[names.unusedAfterDays],
      notify: settings[names.notify],
    },
    onRunEnded: logRunEnded,
    publishFigures,
    warn: (message, damage) => {
      logWarning(message, damage);
      if (damage !== undefined) publishFigures({ damagedObjects: 1 });
    },
  };
}

/** The accounts of the setting `accounts`. @throws StoreError, Error if there is no such list */
async function accountList(store: S3Store, key: string): Promise<readonly string[]> {
  const accountIds = await readValue(store, key, v.array(AccountId));
  if (accountIds === null)
    throw new Error(`There is no list of accounts s3://${store.bucket}/${key}. Deploy the stack again.`);
  return accountIds;
}
