import { environmentNames } from '../core/contract/environment.ts';
import { metricsNamespace } from '../core/contract/operations/run-metrics.ts';
import { accountsOf, type Settings } from './settings.ts';

/** The environment of every function. @param resultsBucket the name of the results bucket */
export const functionEnvironment = (settings: Settings, resultsBucket: string): Record<string, string> => ({
  NODE_OPTIONS: '--enable-source-maps',
  [environmentNames.resultsBucket]: resultsBucket,
  [environmentNames.accountsAtOnce]: String(settings.accountsAtOnce),
  [environmentNames.principalsPerBatch]: String(settings.principalsPerBatch),
  [environmentNames.rateShare]: String(settings.rateShare),
  [environmentNames.refreshEveryDays]: String(settings.refreshEveryDays),
  [environmentNames.refreshIdleEveryDays]: String(settings.refreshIdleEveryDays),
  [environmentNames.graceDays]: String(settings.graceDays),
  [environmentNames.unusedAfterDays]: String(settings.unusedAfterDays),
  [environmentNames.notify]: settings.notify,
  [environmentNames.metricsNamespace]: metricsNamespace(settings.stackName),
  ...(settings.maxRate === undefined ? {} : { [environmentNames.maxRate]: String(settings.maxRate) }),
  ...(settings.memberRoleName === undefined ? {} : { [environmentNames.memberRoleName]: settings.memberRoleName }),
  ...(settings.externalId === undefined ? {} : { [environmentNames.externalId]: settings.externalId }),
  ...(settings.sourceIdentity === undefined ? {} : { [environmentNames.sourceIdentity]: settings.sourceIdentity }),
  ...(settings.sessionTags === undefined
    ? {}
    : { [environmentNames.sessionTags]: JSON.stringify(settings.sessionTags) }),
  ...(settings.stsRegion === undefined ? {} : { [environmentNames.stsRegion]: settings.stsRegion }),
});

/**
 * What PlanRun needs besides: the accounts to audit.
 * @param listAddress the object with the accounts, if the settings list them
 */
export function accountEnvironment(settings: Settings, listAddress: string | null): Record<string, string> {
  const { include, exclude } = settings;
  const accounts = accountsOf(settings);
  return {
    [environmentNames.accounts]: Array.isArray(accounts) ? 'listed' : accounts,
    ...(listAddress === null ? {} : { [environmentNames.accountList]: listAddress }),
    ...(include === undefined ? {} : { [environmentNames.include]: include.join(',') }),
    ...(exclude === undefined ? {} : { [environmentNames.exclude]: exclude.join(',') }),
  };
}

/** The address of the account list with the longest names: of a bucket, and of an asset. */
const LONGEST_ADDRESS = `s3://${'b'.repeat(63)}/${'k'.repeat(80)}.json`;

/** The quota of AWS Lambda for names and values together. */
export const MAX_ENVIRONMENT_BYTES = 4_096;

/** The size of the largest environment, which is PlanRun's, with the longest possible bucket names. */
export const environmentBytes = (settings: Settings): number =>
  Object.entries({
    ...functionEnvironment(settings, 'b'.repeat(63)),
    ...accountEnvironment(settings, LONGEST_ADDRESS),
  }).reduce((bytes, [name, value]) => bytes + name.length + Buffer.byteLength(value), 0);
