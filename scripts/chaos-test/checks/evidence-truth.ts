import type { PrincipalRecord } from '../../../core/contract/evidence.ts';
import { permissionDifferences } from '../../../bench/calls/record-differences.ts';
import type { EmulatedAccount } from '../../../local/emulated-aws/account.ts';
import { servicesGranted, trackedActions } from '../../../local/emulated-aws/evaluation/granted-services.ts';
import { TRACKED_MS } from '../../../local/emulated-aws/operations/operation.ts';
import { principalsOf } from '../world/truth.ts';

/** A report is made up to this long after AWS was asked for it: uses that become too old meanwhile may be in it or not. */
const REPORT_MS = 2 * 3_600_000;

const secondsOf = (ms: number): number => Math.floor(ms / 1000);

/**
 * What the complete parts of a record say that is true of no version of its account.
 * @param versions the account during the run
 */
export function untrueEvidence(record: PrincipalRecord, versions: readonly EmulatedAccount[]): string[] {
  const present = versions.filter((account) => principalsOf(account).some(({ arn }) => arn === record.arn));
  if (present.length === 0) return [`${record.arn} has a record, but it did not exist`];
  return [
    ...(record.lastAccessed.status === 'COMPLETE' ? best(present, (account) => untrueServices(record, account)) : []),
    ...(record.permissions.status === 'COMPLETE' ? untrueDecisions(record, present) : []),
  ].map((difference) => `${record.arn}: ${difference}`);
}

/** The differences from the version that fits best. */
function best(versions: readonly EmulatedAccount[], differences: (account: EmulatedAccount) => string[]): string[] {
  let fewest: string[] | null = null;
  for (const account of versions) {
    const found = differences(account);
    if (found.length === 0) return [];
    if (fewest === null || found.length < fewest.length) fewest = found;
  }
  return fewest ?? [];
}

/**
 * Decisions that are true of no version. AWS makes them in several calls, so those of a principal that was replaced meanwhile
 * may be of different versions.
 */
function untrueDecisions(record: PrincipalRecord, versions: readonly EmulatedAccount[]): string[] {
  const asOf = Date.parse(record.permissions.asOf);
  const [first = [], ...others] = versions.map((account) => permissionDifferences(record, account, asOf));
  const actions = others.map((differences) => new Set(differences.map(actionOf)));
  return first.filter((difference) => actions.every((untrue) => untrue.has(actionOf(difference))));
}

const actionOf = (difference: string): string => /[a-z0-9-]+:[A-Za-z0-9]+/.exec(difference)?.[0] ?? difference;

function untrueServices({ arn, lastAccessed }: PrincipalRecord, account: EmulatedAccount): string[] {
  const principal = principalsOf(account).find((one) => one.arn === arn);
  const granted = servicesGranted(account, arn).map(({ namespace }) => namespace);
  const listed = lastAccessed.services.map(({ namespace }) => namespace);
  if (granted.join() !== listed.join()) return [`recorded services ${listed.join()}, granted ${granted.join()}`];
  const oldest = Date.parse(lastAccessed.asOf) - TRACKED_MS;
  const check = (name: string, recorded: string | null, used: number | undefined): string[] => {
    const isKnown = used !== undefined && used > oldest;
    if (used !== undefined && Math.abs(used - oldest) < REPORT_MS) return [];
    const isTrue = isKnown
      ? recorded !== null && secondsOf(Date.parse(recorded)) === secondsOf(used)
      : recorded === null;
    return isTrue
      ? []
      : [`${name}: recorded ${recorded ?? 'never'}, used ${isKnown ? new Date(used).toISOString() : 'never'}`];
  };
  return lastAccessed.services.flatMap(({ namespace, lastAuthenticated, actions }) => {
    const activity = principal?.activity.get(namespace);
    return [
      ...check(namespace, lastAuthenticated, activity?.lastAuthenticated),
      ...trackedActions(namespace).flatMap((action) => {
        const recorded = actions?.find(({ name }) => name === action);
        if (recorded === undefined) return [`${namespace}:${action} is missing`];
        return check(`${namespace}:${action}`, recorded.lastAccessed, activity?.actions.get(action));
      }),
    ];
  });
}
