import type { EstimatedAccount } from '../contract/answers/estimate.ts';
import type { AuditSettings } from '../ports/services.ts';
import { assumed } from './assumptions.ts';
import type { typical } from './typical-account.ts';

type Settings = Pick<AuditSettings, 'refreshEveryDays' | 'refreshIdleEveryDays'>;

/** What an estimate assumes, a sentence each. */
export function assumptionsOf(
  accounts: readonly Pick<EstimatedAccount, 'rates'>[],
  settings: Settings,
  ofOrganization: boolean,
): string[] {
  const rates = accounts.flatMap((account) => account.rates);
  const [low, high] = assumed.latencyMs;
  return [
    ...(rates.some(({ source }) => source === 'assumed')
      ? [
          `IAM accepts ${assumed.callsPerSecond} calls a second to an operation whose rate no run has measured. AWS does not publish its limits. --rate sets another rate.`,
        ]
      : []),
    `A full bucket holds the calls of ${assumed.bucketSeconds} second, and no other application uses it.`,
    `AWS answers within ${low} to ${high} ms, and makes a report in ${assumed.reportMs / 1000} s unless a run has measured another time.`,
    'A recommendation is written for each principal that was used within unusedAfterDays.',
    'Prices are the list prices of us-east-1. Storage, logs, traces and alarms are not included.',
    `Steady day: as many principals are used as in the last two days; each of these is asked for. Each other principal is asked for once in ${settings.refreshEveryDays} days, or in ${Math.max(settings.refreshEveryDays, settings.refreshIdleEveryDays)} days if the inventory proves that it is idle. ${100 * assumed.changedPerDay} % of the principals change.`,
    ...(ofOrganization
      ? [
          `The reports about the services that the organization uses are asked for once in ${settings.refreshEveryDays} days; the steady day is not one of these.`,
        ]
      : []),
  ];
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** What a typical account is. */
export const typicalInWords = ({
  ruledOut,
  usedWithinTwoDays,
  recommendations,
  notProvablyIdle,
}: typeof typical): string =>
  `A typical account is the mean of the accounts that the demo generates: ${percent(ruledOut)} of the principals need no simulation, the others share simulations (19 for 100 principals, 49 for 1,000, 264 for 10,000); ${percent(usedWithinTwoDays)} were used in the last two days; ${percent(notProvablyIdle)} are never proven to be idle; ${percent(recommendations)} get a recommendation. Nothing of them is known from an earlier run.`;
