import type { NarrowerResources } from '../contract/account-objects.ts';
import type { PrincipalIdentity } from '../contract/evidence.ts';
import type { ServiceControl } from '../contract/organization.ts';
import type { PolicyLine } from '../contract/policies.ts';
import { catalogue, catalogueVersion } from '../catalogue/catalogue.ts';
import type { AccountGroup, AccountPolicy, AccountRole, AccountUser, NamedDocument } from '../ports/iam.ts';
import { LruCache } from '../streams/lru-cache.ts';
import { sha256Hex } from '../streams/sha256.ts';
import { narrowerResources, narrowingContext } from '../policies/narrower-resources.ts';
import { policyEquivalence, type PolicyShape } from '../policies/policy-equivalence.ts';
import { policyTraits, type PolicyTraits } from '../policies/principal-independence.ts';
import { KEPT_POLICIES, PolicyCompiler, possibleActions } from '../policies/ruling-out.ts';

/** What the policies of a principal say before anything is simulated. */
export interface SimulationScope {
  readonly fingerprint: string;
  /** The same for principals whose decisions are the same; null: decisions hang on the principal. */
  readonly group: string | null;
  /** False where a policy is not known or hangs on the time of the request: decisions may change although it does not. */
  readonly lasting: boolean;
  /** Catalogue actions that some Allow may match. */
  readonly actions: string[];
  readonly ruledOut: number;
  readonly narrower: NarrowerResources[];
  /** Resources that an Allow names and that can't be simulated. */
  readonly unaskable: string[];
}

interface NamedPolicy {
  /** Where the policy is: its ARN, or whose inline policy it is and its name. */
  readonly source: string;
  /** Null where the inventory did not bring the document. */
  readonly document: string | null;
}

/** Adds it. */
const isFirst = (written: Set<string>, what: string): boolean => written.size < written.add(what).size;

const actionNames = catalogue.map(({ action }) => action);

/** The account's groups and managed policies, against which users and roles are described one by one. */
export class AccountPolicies {
  readonly #compiler = new PolicyCompiler(actionNames);
  readonly #groups = new Map<string, AccountGroup>();
  readonly #documents = new Map<string, string | null>();
  readonly #traits = new LruCache<PolicyTraits>(KEPT_POLICIES);
  readonly #hashes = new LruCache<Promise<string>>(KEPT_POLICIES);

  /** @param serviceControl the account's SCPs; null where they are not known */
  constructor(private readonly serviceControl: ServiceControl | null) {}

  addGroups(groups: readonly AccountGroup[]): void {
    for (const group of groups) this.#groups.set(group.name, group);
  }

  addPolicies(policies: readonly AccountPolicy[]): void {
    for (const { arn, defaultDocument } of policies) this.#documents.set(arn, defaultDocument);
  }

  async describe(identity: PrincipalIdentity, principal: AccountUser | AccountRole): Promise<SimulationScope> {
    const policies = this.#policiesOf(principal);
    const boundary = this.#boundaryOf(principal);
    const documents = [...policies, boundary].flatMap(({ document }) => document ?? []);
    const traits = documents.map((document) => this.#traitsOf(document));
    const everythingKnown =
      policies.every(({ document }) => document !== null) &&
      (principal.permissionsBoundaryArn === null || boundary.document !== null);
    const personal = traits.some(({ independent }) => !independent[identity.type]);
    const judged = this.#judged(traits);
    const compiled = policies.map(({ document }) => (document === null ? null : this.#compiler.compile(document)));
    const possible = possibleActions(compiled, actionNames.length);
    const nameless = traits.every(
      ({ independent, dependsOnlyOnUserName }) => independent[identity.type] || dependsOnlyOnUserName,
    );
    const known = compiled.filter((policy) => policy !== null);
    const { requests, unaskable } = narrowerResources(known, actionNames, narrowingContext(identity));
    const askable = { narrower: requests, unaskable };
    const shares = everythingKnown && (!personal || (identity.type === 'user' && nameless));
    return {
      group: shares ? await this.#group(identity, policies, boundary, askable, personal) : null,
      fingerprint: await this.fingerprint(identity, principal),
      lasting: everythingKnown && judged.every(({ timeless }) => timeless),
      actions: possible.flatMap((index) => actionNames[index] ?? []),
      ruledOut: actionNames.length - possible.length,
      ...askable,
    };
  }

  /**
   * Lines of `policies.jsonl` about a principal: documents that it shares and that `written` does not hold yet, and
   * then its own.
   * @param written what earlier lines hold; what these hold is added
   */
  *lines(principal: AccountUser | AccountRole, written: Set<string>): Generator<PolicyLine> {
    const { arn, inlinePolicies, attachedPolicyArns, permissionsBoundaryArn: boundary } = principal;
    const groups = 'groupNames' in principal ? [...principal.groupNames] : [];
    for (const name of groups) {
      if (!isFirst(written, `group ${name}`)) continue;
      const group = this.#groups.get(name);
      if (group === undefined) {
        yield { kind: 'group', name, policies: null };
        continue;
      }
      yield* this.#managedLines(group.attachedPolicyArns, written);
      const policies = { inline: [...group.inlinePolicies], attached: [...group.attachedPolicyArns] };
      yield { kind: 'group', name, policies };
    }
    yield* this.#managedLines([...attachedPolicyArns, ...(boundary === null ? [] : [boundary])], written);
    const own = { inline: [...inlinePolicies], attached: [...attachedPolicyArns], groups, boundary };
    yield { kind: 'principal', arn, ...own };
  }

  *#managedLines(arns: readonly string[], written: Set<string>): Generator<PolicyLine> {
    for (const arn of arns) {
      if (isFirst(written, arn)) yield { kind: 'managed', arn, document: this.#documents.get(arn) ?? null };
    }
  }

  #policiesOf(principal: AccountUser | AccountRole): NamedPolicy[] {
    const inline = (owner: string, policies: readonly NamedDocument[]): NamedPolicy[] =>
      policies.map(({ name, document }) => ({ source: `inline policy ${name} of ${owner}`, document }));
    const attached = (arns: readonly string[]): NamedPolicy[] =>
      arns.map((arn) => ({ source: arn, document: this.#documents.get(arn) ?? null }));
    const policies = [...inline(principal.name, principal.inlinePolicies), ...attached(principal.attachedPolicyArns)];
    for (const name of 'groupNames' in principal ? principal.groupNames : []) {
      const group = this.#groups.get(name);
      // A group that came after the first pass: what it grants is unknown, so that nothing is ruled out.
      if (group === undefined) policies.push({ source: `group ${name}`, document: null });
      else policies.push(...inline(name, group.inlinePolicies), ...attached(group.attachedPolicyArns));
    }
    return policies;
  }

  #boundaryOf({ permissionsBoundaryArn: arn }: AccountUser | AccountRole): NamedPolicy {
    return { source: `boundary ${arn ?? 'none'}`, document: arn === null ? null : (this.#documents.get(arn) ?? null) };
  }

  /** Hash of everything that a simulation of the principal depends on. */
  async fingerprint(identity: PrincipalIdentity, principal: AccountUser | AccountRole): Promise<string> {
    const policies = [...this.#policiesOf(principal), this.#boundaryOf(principal)];
    const traits = policies.flatMap(({ document }) => (document === null ? [] : [this.#traitsOf(document)]));
    const personal = this.#judged(traits).some(({ independent }) => !independent[identity.type]);
    const documents = await Promise.all(
      policies.map(
        async ({ source, document }) => `${source} ${document === null ? 'unknown' : await this.#hash(document)}`,
      ),
    );
    return sha256Hex(
      JSON.stringify([
        await catalogueVersion(),
        identity.arn,
        identity.principalId,
        documents.sort(),
        // A request's answer may hang on who asks: then its tags are part of it.
        personal ? Object.entries(identity.tags).sort(([a], [b]) => (a < b ? -1 : 1)) : null,
        // Where nobody knows the SCPs, a changed one shows only at the refresh.
        ...(this.serviceControl === null ? [] : [this.serviceControl.hash]),
      ]),
    );
  }

  /**
   * Which policies say something, not where they stand; and what is asked, of which there are limits. Names count only
   * where it can't be said that the same is decided for others.
   */
  async #group(
    { type, name }: PrincipalIdentity,
    policies: readonly NamedPolicy[],
    boundary: NamedPolicy,
    { narrower, unaskable }: Pick<SimulationScope, 'narrower' | 'unaskable'>,
    personal: boolean,
  ): Promise<string | null> {
    const shape = ({ document }: NamedPolicy): PolicyShape | null => {
      const traits = this.#traitsOf(document ?? '');
      return narrower.length === 0 ? traits.shapeForAnyResource : traits.shape;
    };
    const shapes = policies.map(shape);
    const limit = boundary.document === null ? [] : [shape(boundary)];
    const all = [...shapes, ...limit].filter((one) => one !== null);
    if (all.length < shapes.length + limit.length) return null;
    const likeness = policyEquivalence(
      narrower,
      new Set(all.flatMap(({ patterns }) => patterns)),
      type === 'user' ? name : null,
    );
    if (likeness === null && personal) return null;
    const said = async ({ template, patterns }: PolicyShape): Promise<string> =>
      sha256Hex(
        JSON.stringify([await this.#hash(template), likeness === null ? patterns : patterns.map(likeness.standing)]),
      );
    const documents = await Promise.all(all.slice(0, shapes.length).map(said));
    const within = await Promise.all(all.slice(shapes.length).map(said));
    const asked = likeness === null ? narrower : likeness.asked;
    return sha256Hex(
      JSON.stringify([await catalogueVersion(), type, [...new Set(documents)].sort(), within, asked, unaskable]),
    );
  }

  #judged(traits: readonly PolicyTraits[]): Pick<PolicyTraits, 'independent' | 'timeless'>[] {
    return this.serviceControl === null ? [...traits] : [...traits, this.serviceControl];
  }

  #traitsOf(document: string): PolicyTraits {
    return this.#traits.get(document, () => policyTraits(document));
  }

  #hash(document: string): Promise<string> {
    return this.#hashes.get(document, () => sha256Hex(document));
  }
}
