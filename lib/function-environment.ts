import { environmentNames } from '../core/contract/environment.ts';
import type { Settings } from './settings.ts';

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
  ...(settings.maxRate === undefined ? {} : { [environmentNames.maxRate]: String(settings.maxRate) }),
  ...(settings.accountIds === undefined ? {} : { [environmentNames.accountIds]: settings.accountIds.join(',') }),
  ...(settings.memberRoleName === undefined ? {} : { [environmentNames.memberRoleName]: settings.memberRoleName }),
  ...(settings.externalId === undefined ? {} : { [environmentNames.externalId]: settings.externalId }),
  ...(settings.stsRegion === undefined ? {} : { [environmentNames.stsRegion]: settings.stsRegion }),
});

/** The quota of AWS Lambda for names and values together. */
export const MAX_ENVIRONMENT_BYTES = 4_096;

/** The size of the environment with the longest possible bucket name. */
export const environmentBytes = (settings: Settings): number =>
  Object.entries(functionEnvironment(settings, 'b'.repeat(63))).reduce(
    (bytes, [name, value]) => bytes + name.length + value.length,
    0,
  );
