import type { ContextEntry, SimulationContext } from '../contract/account-objects.ts';
import { globalRegion, isGlobalService, regionsToTry } from '../evaluation/chosen-keys.ts';
import { regionTruth } from '../evaluation/conditions.ts';
import { actionMatcher } from '../policies/action-pattern-parts.ts';
import { readStatements, type ConditionClause, type PolicyStatement } from '../policies/statements.ts';
import { LruCache } from '../streams/lru-cache.ts';
import { KEPT_POLICIES } from '../policies/ruling-out.ts';

const REGION = 'aws:requestedregion';
const MFA_KEYS = ['aws:multifactorauthpresent', 'aws:multifactorauthage'];

/** The statements of a document that name a key for which the audit knows a realistic value. */
interface KeyUse {
  readonly regional: readonly { readonly statement: PolicyStatement; readonly clauses: readonly ConditionClause[] }[];
  readonly namesMfa: boolean;
}

export const noContext: SimulationContext = { entries: [], global: null };

/**
 * Values of condition keys that the simulation does not know, but that a real request has: the Region that the policies
 * allow most, and the MFA device that a user has. With them, the simulation decides what it would otherwise leave open.
 * Only keys that the policies name are given.
 */
export class SimulationContexts {
  readonly #uses = new LruCache<KeyUse>(KEPT_POLICIES);

  /** Whether the documents name a key of MFA devices. */
  usesMfa(documents: readonly string[]): boolean {
    return documents.some((document) => this.#uses.get(document, () => keyUse(document)).namesMfa);
  }

  /** @param documents of the principal's policies, its boundary and its account's SCPs */
  contextFor(
    documents: readonly string[],
    actions: readonly string[],
    { hasMfa, partition }: { readonly hasMfa: boolean; readonly partition: string },
  ): SimulationContext {
    const uses = documents.map((document) => this.#uses.get(document, () => keyUse(document)));
    const mfa: ContextEntry[] =
      hasMfa && uses.some(({ namesMfa }) => namesMfa)
        ? [
            { name: 'aws:MultiFactorAuthPresent', type: 'boolean', values: ['true'] },
            { name: 'aws:MultiFactorAuthAge', type: 'numeric', values: ['60'] },
          ]
        : [];
    const regional = uses.flatMap((use) => use.regional);
    if (regional.length === 0) return { entries: mfa, global: null };
    const home = globalRegion(partition);
    const region = bestRegion(regional, partition, home);
    const regionEntry = (value: string): ContextEntry => ({
      name: 'aws:RequestedRegion',
      type: 'string',
      values: [value],
    });
    const entries = [regionEntry(region), ...mfa];
    return { entries, global: dependsOnHome(regional, actions, region, home) ? [regionEntry(home), ...mfa] : null };
  }
}

function keyUse(document: string): KeyUse {
  const read = readStatements(document);
  if (read.kind === 'unreadable') return { regional: [], namesMfa: false };
  const regional = read.statements.flatMap((statement) => {
    const clauses = statement.conditions.filter(({ key }) => key === REGION);
    return clauses.length === 0 ? [] : [{ statement, clauses }];
  });
  const namesMfa = read.statements.some(({ conditions }) => conditions.some(({ key }) => MFA_KEYS.includes(key)));
  return { regional, namesMfa };
}

/** The Region in which most of the Allow statements hold and most of the Deny statements don't. */
function bestRegion(regional: KeyUse['regional'], partition: string, home: string): string {
  const named = regional.flatMap(({ clauses }) => clauses.flatMap(({ values }) => values));
  let best = { region: home, score: -Infinity };
  for (const region of regionsToTry(named, partition)) {
    const score = regional.reduce((sum, { statement, clauses }) => {
      const holds = clauses.every((clause) => regionTruth(clause, region));
      return sum + (holds === statement.allows ? 1 : 0);
    }, 0);
    if (score > best.score) best = { region, score };
  }
  return best.region;
}

/** Whether an action of a global service is decided otherwise in the Region of its endpoint. */
function dependsOnHome(
  regional: KeyUse['regional'],
  actions: readonly string[],
  region: string,
  home: string,
): boolean {
  if (region === home) return false;
  const global = actions.filter(isOfGlobalService).map((action) => action.toLowerCase());
  return regional.some(
    ({ statement, clauses }) =>
      global.some(actionMatcher(statement.actions)) &&
      clauses.some((clause) => regionTruth(clause, region) !== regionTruth(clause, home)),
  );
}

/** iam:PassRole is checked in the request of the service that gets the role. */
export const isOfGlobalService = (action: string): boolean =>
  isGlobalService(action.split(':')[0]?.toLowerCase() ?? '') && action.toLowerCase() !== 'iam:passrole';
