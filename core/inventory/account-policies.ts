import type { NarrowerResources, SimulationContext } from '../contract/account-objects.ts';
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
import { SimulationContexts } from './simulation-context.ts';
import { actionsOfUnlistedCredentials } from './untracked-use.ts';
import { KEPT_POLICIES, PolicyCompiler, possibleActions } from '../policies/ruling-out.ts';

/** The actions and resources to simulate for a principal, derived from its policies. */
export interface SimulationScope {
  readonly fingerprint: string;
  /** Equal for principals with the same decisions. Null: decisions depend on the principal. */
  readonly group: string | null;
  /** False if a policy is not known or depends on the time. Decisions may then change without a change of policies. */
  readonly lasting: boolean;
  /** Values for the simulation. Missing if no policy names a key whose value is known. */
  readonly context?: SimulationContext;
  /** Actions of the catalogue that an Allow may match. */
  readonly actions: string[];
  readonly ruledOut: number;
  readonly narrower: NarrowerResources[];
  /** Resources that an Allow names and that can't be simulated. */
  readonly unaskable: string[];
  /** False if the inventory does not have a policy's document. Changes of such a policy are not seen. */
  readonly everythingKnown: boolean;
  /** Whether a policy of the user may allow an action of credentials that the credential report does not list. */
  readonly mayUseUnlistedCredentials: boolean;
}

interface NamedPolicy {
  /** The policy's ARN, or the name and owner of an inline policy. */
  readonly source: string;
  /** Null if the inventory does not have the document. */
  readonly document: string | null;
}

const isAwsManaged = (arn: string): boolean => arn.includes(':iam::aws:policy/');

/** @returns false if the set already contains the key */
const addNew = (written: Set<string>, key: string): boolean => written.size < written.add(key).size;

const actionNames = catalogue.map(({ action }) => action);

/** The account's groups and managed policies, which are needed to describe each user and role. */
export class AccountPolicies {
  readonly #compiler = new PolicyCompiler(actionNames);
  readonly #unlistedCredentials = new PolicyCompiler(actionsOfUnlistedCredentials);
  readonly #groups = new Map<string, AccountGroup>();
  readonly #documents = new Map<string, string | null>();
  /** Earlier versions of customer managed policies, by ARN. */
  readonly #otherVersions = new Map<string, AccountPolicy['otherVersions']>();
  readonly #traits = new LruCache<PolicyTraits>(KEPT_POLICIES);
  readonly #hashes = new LruCache<Promise<string>>(KEPT_POLICIES);

  readonly #contexts = new SimulationContexts();

  /**
   * @param serviceControl the account's SCPs; null if they are not known
   * @param serviceControlDocuments their documents; empty if they are not known or none apply
   */
  constructor(
    private readonly serviceControl: ServiceControl | null,
    private readonly serviceControlDocuments: readonly string[] = [],
  ) {}

  addGroups(groups: readonly AccountGroup[]): void {
    for (const group of groups) this.#groups.set(group.name, group);
  }

  addPolicies(policies: readonly AccountPolicy[]): void {
    for (const { arn, defaultDocument, otherVersions } of policies) {
      this.#documents.set(arn, defaultDocument);
      if (!isAwsManaged(arn)) this.#otherVersions.set(arn, otherVersions);
    }
  }

  /** @param hasMfa whether the user has an MFA device */
  async describe(
    identity: PrincipalIdentity,
    principal: AccountUser | AccountRole,
    hasMfa = false,
  ): Promise<SimulationScope> {
    const policies = this.#policiesOf(principal);
    const boundary = this.#boundaryOf(principal);
    const documents = [...policies, boundary].flatMap(({ document }) => document ?? []);
    const traits = documents.map((document) => this.#traitsOf(document));
    const everythingKnown =
      policies.every(({ document }) => document !== null) &&
      (principal.permissionsBoundaryArn === null || boundary.document !== null);
    const dependsOnPrincipal = traits.some(({ independent }) => !independent[identity.type]);
    const allTraits = this.#withServiceControl(traits);
    const compiled = policies.map(({ document }) => (document === null ? null : this.#compiler.compile(document)));
    const possible = possibleActions(compiled, actionNames.length);
    const dependsOnlyOnName = traits.every(
      ({ independent, dependsOnlyOnUserName }) => independent[identity.type] || dependsOnlyOnUserName,
    );
    const readable = compiled.filter((policy) => policy !== null);
    const { requests, unaskable } = narrowerResources(readable, actionNames, narrowingContext(identity));
    const askable = { narrower: requests, unaskable };
    const actions = possible.flatMap((index) => actionNames[index] ?? []);
    const context = this.#contexts.contextFor([...documents, ...this.serviceControlDocuments], actions, {
      hasMfa,
      partition: identity.arn.split(':')[1] ?? 'aws',
    });
    const isGiven = context.entries.length > 0;
    const mayShare = everythingKnown && (!dependsOnPrincipal || (identity.type === 'user' && dependsOnlyOnName));
    return {
      group: mayShare
        ? await this.#group(
            identity,
            policies,
            boundary,
            { ...askable, context: isGiven ? context : null },
            dependsOnPrincipal,
          )
        : null,
      fingerprint: await this.fingerprint(identity, principal, hasMfa),
      ...(isGiven ? { context } : {}),
      lasting: everythingKnown && allTraits.every(({ timeless }) => timeless),
      actions,
      ruledOut: actionNames.length - possible.length,
      ...askable,
      everythingKnown,
      mayUseUnlistedCredentials: identity.type === 'user' && this.#mayUseUnlistedCredentials(policies),
    };
  }

  #mayUseUnlistedCredentials(policies: readonly NamedPolicy[]): boolean {
    const compiled = policies.map(({ document }) =>
      document === null ? null : this.#unlistedCredentials.compile(document),
    );
    return possibleActions(compiled, actionsOfUnlistedCredentials.length).length > 0;
  }

  /**
   * Lines of `policies.jsonl` for all groups and customer managed policies of the account, whether used or not: others may
   * add a user to a group, or restore an earlier version of a policy.
   * @param written keys of the documents in these lines are added
   */
  *accountLines(written: Set<string>): Generator<PolicyLine> {
    yield* this.#managedLines([...this.#otherVersions.keys()], written);
    for (const name of this.#groups.keys()) yield* this.#groupLines(name, written);
  }

  /**
   * Lines of `policies.jsonl` for a principal: first its shared documents that are not in `written`, then its own line.
   * @param written keys of the documents in earlier lines; the keys of these lines are added
   */
  *lines(principal: AccountUser | AccountRole, written: Set<string>): Generator<PolicyLine> {
    const { arn, inlinePolicies, attachedPolicyArns, permissionsBoundaryArn: boundary } = principal;
    const groups = 'groupNames' in principal ? [...principal.groupNames] : [];
    for (const name of groups) yield* this.#groupLines(name, written);
    yield* this.#managedLines([...attachedPolicyArns, ...(boundary === null ? [] : [boundary])], written);
    const own = { inline: [...inlinePolicies], attached: [...attachedPolicyArns], groups, boundary };
    const ofRole =
      'trustPolicy' in principal
        ? { trust: principal.trustPolicy, instanceProfiles: [...principal.instanceProfiles] }
        : { trust: null, instanceProfiles: null };
    yield { kind: 'principal', arn, ...own, ...ofRole };
  }

  *#groupLines(name: string, written: Set<string>): Generator<PolicyLine> {
    if (!addNew(written, `group ${name}`)) return;
    const group = this.#groups.get(name);
    if (group === undefined) {
      yield { kind: 'group', name, arn: null, policies: null };
      return;
    }
    yield* this.#managedLines(group.attachedPolicyArns, written);
    const policies = { inline: [...group.inlinePolicies], attached: [...group.attachedPolicyArns] };
    yield { kind: 'group', name, arn: group.arn, policies };
  }

  *#managedLines(arns: readonly string[], written: Set<string>): Generator<PolicyLine> {
    for (const arn of arns) {
      if (!addNew(written, arn)) continue;
      const versions = this.#otherVersions.get(arn);
      const otherVersions = versions === undefined ? null : [...versions];
      yield { kind: 'managed', arn, document: this.#documents.get(arn) ?? null, otherVersions };
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
      // The group was created after groups were read. Its policies are unknown, so no action can be ruled out.
      if (group === undefined) policies.push({ source: `group ${name}`, document: null });
      else policies.push(...inline(name, group.inlinePolicies), ...attached(group.attachedPolicyArns));
    }
    return policies;
  }

  #boundaryOf({ permissionsBoundaryArn: arn }: AccountUser | AccountRole): NamedPolicy {
    return { source: `boundary ${arn ?? 'none'}`, document: arn === null ? null : (this.#documents.get(arn) ?? null) };
  }

  /** Hash of everything that the principal's simulation depends on. */
  async fingerprint(
    identity: PrincipalIdentity,
    principal: AccountUser | AccountRole,
    hasMfa: boolean,
  ): Promise<string> {
    const policies = [...this.#policiesOf(principal), this.#boundaryOf(principal)];
    const known = policies.flatMap(({ document }) => document ?? []);
    const traits = known.map((document) => this.#traitsOf(document));
    const dependsOnPrincipal = this.#withServiceControl(traits).some(({ independent }) => !independent[identity.type]);
    const documentHashes = await Promise.all(
      policies.map(
        async ({ source, document }) => `${source} ${document === null ? 'unknown' : await this.#hash(document)}`,
      ),
    );
    return sha256Hex(
      JSON.stringify([
        await catalogueVersion(),
        identity.arn,
        identity.principalId,
        documentHashes.sort(),
        // If decisions depend on the principal, they may depend on its tags.
        dependsOnPrincipal ? Object.entries(identity.tags).sort(([a], [b]) => (a < b ? -1 : 1)) : null,
        // If the SCPs are not known, a change shows only at the next refresh.
        ...(this.serviceControl === null ? [] : [this.serviceControl.hash]),
        // The other values of the simulation follow from the policies.
        ...(hasMfa && this.#contexts.usesMfa([...known, ...this.serviceControlDocuments]) ? ['mfa'] : []),
      ]),
    );
  }

  /**
   * Hash of the policies' content and of the requests, but not of the policies' order or location. It includes resource
   * names only if equivalence with other principals can't be determined.
   */
  async #group(
    { type, name }: PrincipalIdentity,
    policies: readonly NamedPolicy[],
    boundary: NamedPolicy,
    {
      narrower,
      unaskable,
      context,
    }: Pick<SimulationScope, 'narrower' | 'unaskable'> & { context: SimulationContext | null },
    dependsOnPrincipal: boolean,
  ): Promise<string | null> {
    const shape = ({ document }: NamedPolicy): PolicyShape | null => {
      const traits = this.#traitsOf(document ?? '');
      return narrower.length === 0 ? traits.shapeForAnyResource : traits.shape;
    };
    const shapes = policies.map(shape);
    const boundaryShape = boundary.document === null ? [] : [shape(boundary)];
    const all = [...shapes, ...boundaryShape].filter((one) => one !== null);
    if (all.length < shapes.length + boundaryShape.length) return null;
    const equivalence = policyEquivalence(
      narrower,
      new Set(all.flatMap(({ patterns }) => patterns)),
      type === 'user' ? name : null,
    );
    if (equivalence === null && dependsOnPrincipal) return null;
    const hashShape = async ({ template, patterns }: PolicyShape): Promise<string> =>
      sha256Hex(
        JSON.stringify([
          await this.#hash(template),
          equivalence === null ? patterns : patterns.map(equivalence.describePattern),
        ]),
      );
    const documentHashes = await Promise.all(all.slice(0, shapes.length).map(hashShape));
    const boundaryHashes = await Promise.all(all.slice(shapes.length).map(hashShape));
    const requests = equivalence === null ? narrower : equivalence.requests;
    return sha256Hex(
      JSON.stringify([
        await catalogueVersion(),
        type,
        [...new Set(documentHashes)].sort(),
        boundaryHashes,
        requests,
        unaskable,
        ...(context === null ? [] : [context]),
      ]),
    );
  }

  #withServiceControl(traits: readonly PolicyTraits[]): Pick<PolicyTraits, 'independent' | 'timeless'>[] {
    return this.serviceControl === null ? [...traits] : [...traits, this.serviceControl];
  }

  #traitsOf(document: string): PolicyTraits {
    return this.#traits.get(document, () => policyTraits(document));
  }

  #hash(document: string): Promise<string> {
    return this.#hashes.get(document, () => sha256Hex(document));
  }
}
