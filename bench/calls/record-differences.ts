import type { AccessedService, Decision, PrincipalRecord } from '../../core/contract/evidence.ts';
import { DAY_MS } from '../../core/ports/clock.ts';
import { catalogue } from '../../core/catalogue/catalogue.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { servicesGranted, trackedActions } from '../../local/emulated-aws/evaluation/granted-services.ts';
import { simulatePrincipal } from '../../local/emulated-aws/evaluation/simulate.ts';
import type { AccountActivity } from './account-activity.ts';

/** Activity more recent than this margin may be missing. */
const MARGIN_MS = DAY_MS;
/** AWS reports uses of this time. */
const TRACKED_MS = 400 * DAY_MS;

const actionNames = catalogue.map(({ action }) => action);
/** AWS gives times in whole seconds. */
const seconds = (ms: number): number => Math.floor(ms / 1000);
const secondsOf = (time: string | null): number => (time === null ? 0 : seconds(Date.parse(time)));

/**
 * One sentence for each difference between a run's records and the account, apart from activity within the margin. What
 * only a refresh shows may be a refresh period old: uses that the inventory does not show, and uses that AWS no longer
 * reports, because they are more than 400 days old.
 * @param refreshEveryDays the refresh period of principals that are not proven idle
 */
export function differences(
  records: readonly PrincipalRecord[],
  account: EmulatedAccount,
  accountActivity: AccountActivity,
  now: number,
  refreshEveryDays: number,
): string[] {
  const refreshMs = refreshEveryDays * DAY_MS + MARGIN_MS;
  const hidden = accountActivity.hiddenUses(now);
  return records.flatMap((record) => {
    const uses = hidden.get(record.arn) ?? [];
    return [
      ...permissionDifferences(record, account, now),
      ...servicesDifferences(record, account, {
        hiddenUse: (namespace, action) =>
          Math.max(
            0,
            ...uses
              .filter((use) => use.namespace === namespace && (action === null || use.action === action))
              .map(({ at }) => at),
          ),
        mayBeMissing: (namespace, action, used) =>
          used > now - MARGIN_MS ||
          (used > now - refreshMs && accountActivity.isUntracked(record.arn, namespace, action, used)),
        // AWS has forgotten the use, but the report may be older.
        mayBeForgotten: (used) => used <= now - TRACKED_MS && used > now - TRACKED_MS - refreshMs,
        isForgotten: (used) => used <= now - TRACKED_MS,
      }),
    ].map((difference) => `${record.arn}: ${difference}`);
  });
}

/** The audit gives the simulation the MFA device of a user (`core/inventory/simulation-context.ts`). */
const MFA_ENTRIES = [
  { name: 'aws:MultiFactorAuthPresent', values: ['true'] },
  { name: 'aws:MultiFactorAuthAge', values: ['60'] },
];

/** One text for each decision of a record that differs from the emulated account. */
export function permissionDifferences(
  { arn, permissions, credentials }: Pick<PrincipalRecord, 'arn' | 'permissions' | 'credentials'>,
  account: EmulatedAccount,
  now: number,
): string[] {
  const contextEntries = credentials?.mfaActive === true ? MFA_ENTRIES : [];
  const recorded = new Map(permissions.decisions.map((decision) => [decision.action, decision]));
  const simulated = simulatePrincipal(account, arn, { actionNames, resourceArns: [], contextEntries, now });
  return simulated.flatMap((wanted) => {
    const decision = recorded.get(wanted.action);
    if (decision === undefined) {
      return wanted.decision === 'allowed' ? [`${wanted.action} is ruled out, but it is allowed`] : [];
    }
    const missing = new Set(wanted.missingContext);
    const resources = decision.resources.map((resource) => {
      const request = { actionNames: [wanted.action], resourceArns: [resource.arn], contextEntries, now };
      const [result] = simulatePrincipal(account, arn, request);
      for (const key of result?.missingContext ?? []) missing.add(key);
      return { arn: resource.arn, decision: result?.decision };
    });
    const expected = shown({ ...decision, ...pick(wanted), missingContext: [...missing], resources: [] });
    const actual = shown({ ...decision, resources: [] });
    return expected === actual && JSON.stringify(resources) === JSON.stringify(decision.resources)
      ? []
      : [`recorded ${actual} ${JSON.stringify(decision.resources)}, expected ${expected} ${JSON.stringify(resources)}`];
  });
}

const pick = ({
  decision,
  allowedByBoundary,
  allowedByOrganizations,
}: Pick<Decision, 'decision' | 'allowedByBoundary' | 'allowedByOrganizations'>) => ({
  decision,
  allowedByBoundary,
  allowedByOrganizations,
});

const shown = (decision: Decision): string =>
  JSON.stringify([
    decision.action,
    decision.decision,
    decision.allowedByBoundary,
    decision.allowedByOrganizations,
    [...decision.missingContext].sort(),
  ]);

interface Uses {
  /** The last use that AWS does not show yet. 0: AWS shows all uses. */
  readonly hiddenUse: (namespace: string, action: string | null) => number;
  /** Whether a record may still lack the use. */
  readonly mayBeMissing: (namespace: string, action: string | null, used: number) => boolean;
  readonly isForgotten: (used: number) => boolean;
  /** Whether a record may still have the use, although AWS no longer reports it. */
  readonly mayBeForgotten: (used: number) => boolean;
}

function servicesDifferences(
  { arn, lastAccessed }: PrincipalRecord,
  account: EmulatedAccount,
  { hiddenUse, mayBeMissing, isForgotten, mayBeForgotten }: Uses,
): string[] {
  const name = arn.split('/').at(-1) ?? '';
  const principal = arn.includes(':role/') ? account.roles.get(name) : account.users.get(name);
  const granted = servicesGranted(account, arn).map(({ namespace }) => namespace);
  const listed = lastAccessed.services.map(({ namespace }) => namespace);
  if (JSON.stringify(granted) !== JSON.stringify(listed))
    return [`recorded services ${listed.join()}, expected ${granted.join()}`];
  const check = (namespace: string, action: string | null, recorded: string | null, used: number): string[] => {
    const isRight = isForgotten(used)
      ? recorded === null || (mayBeForgotten(used) && secondsOf(recorded) === seconds(used))
      : secondsOf(recorded) === seconds(used) || mayBeMissing(namespace, action, used);
    if (isRight) return [];
    const usedName = action === null ? namespace : `${namespace}:${action}`;
    return [
      `${usedName} was used at ${new Date(used).toISOString()}; recorded: ${recorded ?? 'never'}, as of ${lastAccessed.asOf}`,
    ];
  };
  return lastAccessed.services.flatMap((service: AccessedService) => {
    const { namespace } = service;
    const activity = principal?.activity.get(namespace);
    const used = Math.max(activity?.lastAuthenticated ?? 0, hiddenUse(namespace, null));
    return [
      ...check(namespace, null, service.lastAuthenticated, used),
      ...trackedActions(namespace).flatMap((action) =>
        check(
          namespace,
          action,
          service.actions?.find((one) => one.name === action)?.lastAccessed ?? null,
          Math.max(activity?.actions.get(action) ?? 0, hiddenUse(namespace, action)),
        ),
      ),
    ];
  });
}
