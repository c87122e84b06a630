import type { Recommendation } from '../contract/recommendation.ts';
import { actionMatcher, isEverything, patternsWithinService } from '../policies/action-pattern-parts.ts';
import { policyName, type StoredPolicy } from '../policies/read-policies.ts';
import { readStatements, type PolicyStatement } from '../policies/statements.ts';
import { applySteps, policyLimits, sizeNote } from './apply-steps.ts';
import { mergedStatements, type NewStatement } from './merging.ts';
import { Narrowing } from './narrowing.ts';
import { unknownUseInWords } from './unknown-use.ts';
import type { Candidate, ServiceUse } from './observed-use.ts';

export type Outcome =
  | { readonly kind: 'recommended'; readonly recommendation: Recommendation }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** Everything that is granted was used. */
  | { readonly kind: 'nothing' };

export interface RecommendationBasis {
  readonly runId: string;
  readonly unusedAfterDays: number;
  /** ISO 8601. */
  readonly generatedAt: string;
}

/** The only policy version with variables. Recommendations use it. */
const VERSION = '2012-10-17';
/**
 * Characters that IAM allows in names of users and roles (IAM API, CreateRole, RoleName). All are safe in file names.
 */
const SAFE_NAME = /^[\w+=,.@-]{1,64}$/;

const refused = (code: string, message: string): Outcome => ({ kind: 'refused', code, message });

/**
 * Recommends a narrower policy for one principal. Each Allow statement narrows one that the principal has, with the
 * same resources and conditions. Deny statements are copied. Therefore the policy never grants more than before.
 */
export function recommend(
  candidate: Candidate,
  policies: readonly StoredPolicy[],
  basis: RecommendationBasis,
): Outcome {
  const { name, type, services } = candidate;
  if (!SAFE_NAME.test(name)) return refused('UnsafeName', 'The name has characters that IAM does not allow.');
  const statements: PolicyStatement[] = [];
  for (const policy of policies) {
    const read = statementsOf(policy);
    if ('refusal' in read) return read.refusal;
    statements.push(...read.statements);
  }
  const allows = statements.filter((statement) => statement.allows);
  const narrowing = new Narrowing(services);
  const narrowed = allows.flatMap((statement): NewStatement[] => {
    const { actions, notActions } = narrowing.narrow(statement);
    const scope = statement.scope;
    return [
      ...(actions.length === 0 ? [] : [{ actions: { not: false, patterns: actions }, scope }]),
      ...(notActions === null ? [] : [{ actions: { not: true, patterns: notActions }, scope }]),
    ];
  });
  if (narrowed.length === 0) {
    return refused(
      'NothingLeft',
      'None of its policies grants the services that it used. Review its policies by hand.',
    );
  }
  const removed = removedFrom(services, allows, narrowed);
  if (removed.services.count + removed.actions.count === 0) return { kind: 'nothing' };

  const denies = statements.filter((statement) => !statement.allows);
  const policy: Recommendation['policy'] = { Version: VERSION, Statement: mergedStatements(narrowed, denies) };
  const characters = JSON.stringify(policy).length;
  const replaces = policies.flatMap(({ kind, name: policyName, group }) =>
    kind === 'group' ? [] : [{ kind, name: policyName, group }],
  );
  return {
    kind: 'recommended',
    recommendation: {
      schemaVersion: 1,
      principalArn: candidate.arn,
      generatedAt: basis.generatedAt,
      basis: { run: basis.runId, asOf: candidate.asOf, unusedAfterDays: basis.unusedAfterDays },
      replaces,
      policy,
      size: { characters, ...policyLimits(type), note: sizeNote(type, characters) },
      removed,
      notJudged: unknownUseInWords(narrowing.unknownUse, services),
      apply: applySteps({ type, name, runId: basis.runId, replaces, characters }),
    },
  };
}

function statementsOf(
  policy: StoredPolicy,
): { readonly statements: readonly PolicyStatement[] } | { readonly refusal: Outcome } {
  const name = policyName(policy);
  if (policy.document === null) {
    return {
      refusal: refused(
        'UnknownPolicy',
        `The content of ${name} is not known: it was created while the account was read.`,
      ),
    };
  }
  const read = readStatements(policy.document);
  if (read.kind === 'unreadable') {
    return { refusal: refused('UnreadablePolicy', `${name} can’t be parsed: ${read.reason}.`) };
  }
  // In an older version a variable is plain text. Copied to the current version, it would grant something else.
  if (read.version !== VERSION && JSON.stringify(read.statements).includes('${')) {
    const message = `${name} has version ${read.version}, in which variables are plain text.`;
    return { refusal: refused('OldVersion', message) };
  }
  return { statements: read.statements };
}

function removedFrom(
  services: readonly ServiceUse[],
  before: readonly PolicyStatement[],
  after: readonly NewStatement[],
): Recommendation['removed'] {
  const grants = (statements: readonly Pick<NewStatement, 'actions'>[]): ((action: string) => boolean) => {
    const matchers = statements.map(({ actions }) => actionMatcher(actions));
    return (action) => matchers.some((matches) => matches(action));
  };
  const [granted, isLeft] = [grants(before), grants(after)];
  const removedServices: string[] = [];
  const removedActions: string[] = [];
  const usedEarlier: { name: string; lastUsed: string }[] = [];
  for (const { namespace, used, lastUsed, tracked, reported, earlier } of services) {
    if (!used) {
      if (!before.some((statement) => reaches(statement, namespace))) continue;
      const left = grantedWithin(after, namespace);
      if (left.length > 0) {
        // Some actions stay, because AWS reports no use of them.
        if (left.join() !== grantedWithin(before, namespace).join()) {
          const names = [...(reported ?? [])].filter(([lower]) => {
            const action = `${namespace}:${lower}`;
            return granted(action) && !isLeft(action);
          });
          removedActions.push(
            ...(names.length === 0 ? ['*'] : names.map(([, name]) => name)).map((name) => `${namespace}:${name}`),
          );
        }
        continue;
      }
      removedServices.push(namespace);
      if (lastUsed !== null) usedEarlier.push({ name: namespace, lastUsed });
      continue;
    }
    for (const [lower, name] of tracked ?? []) {
      const action = `${namespace}:${lower}`;
      if (!granted(action) || isLeft(action)) continue;
      removedActions.push(`${namespace}:${name}`);
      const at = earlier.get(lower);
      if (at !== undefined) usedEarlier.push({ name: `${namespace}:${name}`, lastUsed: at });
    }
  }
  const listed = (names: string[]): Recommendation['removed']['services'] => ({
    count: names.length,
    names: names.sort(),
  });
  return {
    services: listed(removedServices),
    actions: listed(removedActions),
    usedEarlier: usedEarlier.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** What statements grant in a service, in lower case, sorted: parts of patterns, `not …` for those of a NotAction. */
const grantedWithin = (statements: readonly Pick<NewStatement, 'actions'>[], namespace: string): string[] =>
  [
    ...new Set(
      statements
        .filter((statement) => reaches(statement, namespace))
        .flatMap(({ actions }) => {
          const parts = actions.patterns.flatMap((pattern) => patternsWithinService(pattern.toLowerCase(), namespace));
          return actions.not ? [`not ${parts.sort().join(' ')}`] : parts;
        }),
    ),
  ].sort();

/** Whether a statement grants any action of a service. */
function reaches({ actions: { not, patterns } }: Pick<NewStatement, 'actions'>, namespace: string): boolean {
  const left = patterns.flatMap((pattern) => patternsWithinService(pattern, namespace));
  return not ? !left.some(isEverything) : left.length > 0;
}
