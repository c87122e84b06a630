import type { PartKind, WorklistLine } from '../contract/account-objects.ts';
import type { AuditSettings } from '../ports/services.ts';
import { assumed } from './assumptions.ts';
import type { EstimatedPrincipal } from './planned-work.ts';

type Settings = Pick<AuditSettings, 'refreshEveryDays' | 'refreshIdleEveryDays'>;

/** Spreads shares over the items of a list: true for as many of them as the shares add up to. */
class Share {
  #sum = 0.5;

  take(share: number): boolean {
    this.#sum += share;
    if (this.#sum < 1) return false;
    this.#sum -= 1;
    return true;
  }
}

/**
 * What an account's run asks for on a day on which evidence is carried, a period after the first run. Reports: of a
 * principal that is in use every day; otherwise of one in `refreshEveryDays` or `refreshIdleEveryDays`. Simulations: one of
 * each group in `refreshEveryDays`; every day for decisions that depend on the time. Both for the principals whose policies
 * change.
 */
export function steadyDay(principals: readonly EstimatedPrincipal[], settings: Settings): WorklistLine[] {
  const { refreshEveryDays } = settings;
  const refreshIdleEveryDays = Math.max(refreshEveryDays, settings.refreshIdleEveryDays);
  const perDay = { daily: 1, unproven: 1 / refreshEveryDays, idle: 1 / refreshIdleEveryDays } as const;
  const [reports, simulations, changes] = [
    { daily: new Share(), unproven: new Share(), idle: new Share() },
    new Share(),
    new Share(),
  ];
  const groupsAsked = new Map<string, boolean>();
  const asksSimulation = ({ work: { group }, lasting }: EstimatedPrincipal): boolean => {
    if (!lasting) return true;
    if (group === null) return simulations.take(1 / refreshEveryDays);
    const asked = groupsAsked.get(group) ?? simulations.take(1 / refreshEveryDays);
    groupsAsked.set(group, asked);
    return asked;
  };
  return principals.flatMap((principal) => {
    const { work, use } = principal;
    const isReported = reports[use].take(perDay[use]);
    const isSimulated = asksSimulation(principal);
    const isChanged = changes.take(assumed.changedPerDay);
    const asks: PartKind[] = [
      ...(isReported || isChanged ? (['lastAccessed'] as const) : []),
      ...(isSimulated || isChanged ? (['permissions'] as const) : []),
    ];
    // A principal with changed policies has the decisions of another group.
    return asks.length === 0 ? [] : [{ ...work, asks, ...(isChanged ? { group: null } : {}) }];
  });
}
