import { isOfSomeActions } from '../evaluation/action-keys.ts';
import type { Ground } from '../contract/answers/permission.ts';
import { everyPolicy, type Verdict } from '../evaluation/permissions.ts';
import { allOf, keysOf, type Truth } from '../evaluation/truth.ts';
import { LruCache } from '../streams/lru-cache.ts';
import type { AccountAccess } from './account-access.ts';
import type { PrincipalNode } from './node.ts';
import { decisivePart, possibleTargets } from './possible-targets.ts';
import { dependence, mayDo, policiesOf, resourceKeys, type ExtraKeys } from './requests.ts';

/** How a principal writes the content of a managed policy. */
export type PolicyWriting = 'iam:CreatePolicy' | 'iam:CreatePolicyVersion';

/** An action that a principal needs on a target. */
export interface TargetRequest {
  readonly action: string;
  /** Keys of the request besides those of the target. They are the same for all targets. */
  readonly extra?: ExtraKeys;
  /** The condition keys of `extra`. Undefined: all. */
  readonly keys?: readonly string[];
}

/** Targets for which the answer is the same. */
export interface TargetGroup {
  readonly targets: readonly PrincipalNode[];
  /** Condition keys that it depends on; empty if it is certain. */
  readonly keys: readonly string[];
  readonly grounds: readonly Ground[];
  /** The action by which the principal first writes the policy that it gives the targets. */
  readonly written?: PolicyWriting;
}

/** The answer about a target. */
export interface TargetAnswer {
  readonly truth: Truth;
  readonly grounds: readonly Ground[];
}

type OpenGroup = TargetGroup & { readonly targets: PrincipalNode[] };

/** Collects targets into groups with the same answer. */
export class TargetGroups {
  readonly #groups = new Map<string, OpenGroup>();
  readonly #byAnswer = new Map<TargetAnswer, OpenGroup>();

  /** A target that is added again with the same answer, directly after itself, counts once. */
  add(target: PrincipalNode, truth: Truth, grounds: readonly Ground[]): void {
    if (truth !== false) addTo(this.#groupOf(truth, grounds), target);
  }

  /** @param answer the same object for many targets */
  addAs(target: PrincipalNode, answer: TargetAnswer): void {
    if (answer.truth === false) return;
    const group = this.#byAnswer.get(answer) ?? this.#groupOf(answer.truth, answer.grounds);
    this.#byAnswer.set(answer, group);
    addTo(group, target);
  }

  #groupOf(truth: Truth, grounds: readonly Ground[]): OpenGroup {
    const keys = keysOf(truth);
    const key = JSON.stringify([keys, grounds]);
    const group = this.#groups.get(key) ?? { targets: [], keys, grounds };
    this.#groups.set(key, group);
    return group;
  }

  list(): readonly TargetGroup[] {
    return [...this.#groups.values()];
  }
}

function addTo({ targets }: OpenGroup, target: PrincipalNode): void {
  if (targets.at(-1) !== target) targets.push(target);
}

/** Answers are shared by principals with the same policies, and many have the same few. */
const KEPT_ANSWERS = 20_000;

/** Finds the users or roles on which a principal is allowed a set of actions. */
export class TargetFinder {
  readonly #answers = new LruCache<readonly TargetGroup[]>(KEPT_ANSWERS);

  readonly #lists = new WeakMap<readonly PrincipalNode[], number>();
  #count = 0;
  #last: { readonly node: PrincipalNode; readonly verdicts: Map<string, Map<PrincipalNode, Verdict>> } | null = null;

  constructor(private readonly account: AccountAccess) {}

  /**
   * @param candidates sorted by ARN
   * @param name of the requests and candidates: the same name always means the same
   */
  find(
    node: PrincipalNode,
    requests: readonly TargetRequest[],
    candidates: readonly PrincipalNode[],
    name: string,
  ): readonly TargetGroup[] {
    const depends = requests.map(({ action }) => dependence(this.account, node, action));
    // The simulation may have refused an action to one of two principals with the same policies.
    const refusals = requests.map(({ action }) => (this.account.isRefused(node, action) ? '0' : '1')).join('');
    const own = depends.some(({ context }) => context) ? `${node.arn} ${refusals}` : refusals;
    const same = this.#sameAnswer(node, requests, candidates);
    return this.#answers.get(`${node.policyKey} ${own} ${same ?? name}`, () =>
      depends.some(({ resource, context }) => resource || context)
        ? this.#each(node, requests, candidates)
        : this.#all(node, requests, candidates),
    );
  }

  /** Equal for requests with the same answer: many actions are in the same statements. Null: it is not known. */
  #sameAnswer(
    node: PrincipalNode,
    requests: readonly TargetRequest[],
    candidates: readonly PrincipalNode[],
  ): string | null {
    const policies = everyPolicy(policiesOf(this.account, node));
    const { evaluator } = this.account;
    const parts: string[] = [];
    for (const { action, extra, keys } of requests) {
      const about = action.toLowerCase();
      if (extra !== undefined) {
        const isNamed = (key: string): boolean => evaluator.namedValues(policies, about, key).length > 0;
        if (keys === undefined || keys.some(isNamed)) return null;
      }
      // Of IAM's actions, only iam:PassRole is checked in another service's request. Some keys are in some requests only.
      const isOwn = action === 'iam:PassRole' || evaluator.namesKey(policies, about, isOfSomeActions);
      const service = isOwn ? action : (about.split(':')[0] ?? '');
      parts.push(`${service} ${evaluator.keyOfStatements(policies, about)}`);
    }
    const number = this.#lists.get(candidates) ?? this.#count++;
    this.#lists.set(candidates, number);
    return `${[...new Set(parts)].sort().join(' ')} of ${number}`;
  }

  /** The answer is the same for all candidates. */
  #all(
    node: PrincipalNode,
    requests: readonly TargetRequest[],
    candidates: readonly PrincipalNode[],
  ): readonly TargetGroup[] {
    const [first] = candidates;
    if (first === undefined) return [];
    const answer = this.#answer(node, requests, first);
    return answer.truth === false ? [] : [{ targets: candidates, keys: keysOf(answer.truth), grounds: answer.grounds }];
  }

  #each(
    node: PrincipalNode,
    requests: readonly TargetRequest[],
    candidates: readonly PrincipalNode[],
  ): readonly TargetGroup[] {
    const possible = requests.reduce(
      (targets, request) => possibleTargets(this.account, node, request, targets),
      candidates,
    );
    const groups = new TargetGroups();
    const parts = possible.length > 1 ? requests.map((request) => decisivePart(this.account, node, request)) : [];
    const answers = new Map<string, TargetAnswer>();
    for (const target of possible) {
      const part = parts.map((of) => of(target)).join('\n');
      const answer = answers.get(part) ?? this.#answer(node, requests, target);
      answers.set(part, answer);
      groups.addAs(target, answer);
    }
    return groups.list();
  }

  /** Several paths need the same action, so the verdicts of the last principal are kept. */
  #verdict(node: PrincipalNode, { action, extra }: TargetRequest, target: PrincipalNode): Verdict {
    const ask = (): Verdict => mayDo(this.account, node, action, target.arn, resourceKeys(target, extra));
    if (extra !== undefined) return ask();
    if (this.#last?.node !== node) this.#last = { node, verdicts: new Map() };
    const ofAction = this.#last.verdicts.get(action) ?? new Map<PrincipalNode, Verdict>();
    this.#last.verdicts.set(action, ofAction);
    const known = ofAction.get(target) ?? ask();
    ofAction.set(target, known);
    return known;
  }

  #answer(node: PrincipalNode, requests: readonly TargetRequest[], target: PrincipalNode): TargetAnswer {
    const verdicts = requests.map((request) => this.#verdict(node, request, target));
    return {
      truth: allOf(verdicts.map(({ truth }) => truth)),
      grounds: uniqueGrounds(verdicts.flatMap((one) => one.grounds)),
    };
  }
}

export function uniqueGrounds(grounds: readonly Ground[]): readonly Ground[] {
  const seen = new Map(grounds.map((ground) => [`${ground.policy} ${ground.statement}`, ground]));
  return [...seen.values()];
}
