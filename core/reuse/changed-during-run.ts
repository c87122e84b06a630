import type { PartKind, UncarriedLine } from '../contract/account-objects.ts';
import { failedPermissions } from '../evidence/permissions.ts';
import type { FoundParts } from '../evidence/worklist.ts';
import type { ChangedPrincipals } from './recheck-account.ts';

const partKinds: readonly PartKind[] = ['lastAccessed', 'permissions'];

/**
 * What a run's batches found, held against a second look at the account: whose policies changed meanwhile, nobody knows
 * under which ones it was found. So it is evidence of today, and not carried on.
 */
export class AskedParts {
  /** Parts that no later run may take over, by ARN; filled by `checked`. */
  readonly uncarried = new Map<string, PartKind[]>();

  /** @param changed null where nobody could look again */
  constructor(private readonly changed: ChangedPrincipals | null) {}

  /** The parts without decisions that belong to another. */
  checked(arn: string, found: FoundParts | undefined): FoundParts {
    if (found === undefined) return {};
    const { permissions } = found;
    const unsure = partKinds.filter(
      (kind) =>
        found[kind] !== undefined &&
        (this.changed?.has(arn) === true || (kind === 'permissions' && this.#isUnsure(permissions?.sharedFrom))),
    );
    if (unsure.length > 0) this.uncarried.set(arn, unsure);
    if (permissions?.sharedFrom === undefined || this.#areTheSame(arn, permissions.sharedFrom)) return found;
    const { asOf, ruledOut } = permissions.part;
    const message =
      `Decisions were to be those of ${permissions.sharedFrom}, whose policies changed during the run. ` +
      'It is not asked again in this run, but in the next.';
    return {
      ...found,
      permissions: {
        part: failedPermissions(Date.parse(asOf), ruledOut),
        problems: [{ step: 'permissions', code: 'Interrupted', message }],
      },
    };
  }

  /** Lines of `uncarried.jsonl`. */
  *lines(): Generator<string> {
    for (const [arn, parts] of this.uncarried) yield JSON.stringify({ arn, parts } satisfies UncarriedLine);
  }

  #isUnsure(simulated: string | undefined): boolean {
    return simulated !== undefined && (this.changed?.has(simulated) ?? true);
  }

  /**
   * As far as is known. Where both changed in the same way, as by a policy that both have, they still share; whoever is
   * deleted lowers nobody else's evidence of today.
   */
  #areTheSame(arn: string, simulated: string): boolean {
    const then = this.changed?.get(simulated);
    if (then === undefined || then === 'gone') return true;
    const own = this.changed?.get(arn);
    return then.group !== null && own !== undefined && own !== 'gone' && own.group === then.group;
  }
}
