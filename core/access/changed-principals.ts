import { grantsAnything, united, type Power } from './abilities/abilities.ts';
import type { GrantedPower } from './granted-power.ts';
import type { SearchWork } from './search-work.ts';
import { emptyPrincipal, type HeldPolicy, type PrincipalNode } from './node.ts';

/** At most this many changes of one principal are followed one after the other. */
const MOST_CHANGES = 2;
/** At most this many changed principals are followed in an account, so that the time is limited. */
const MOST_CHANGED = 500;

/** Stands for policies of the caller's choice. */
export const anyPolicy: HeldPolicy = {
  name: 'the policies that were added',
  document: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
  kind: 'inline',
  group: null,
  ownName: 'added',
};

type Change = Partial<Pick<PrincipalNode, 'groups' | 'attached' | 'tags' | 'mayHaveSessionTags' | 'boundaryArn'>> & {
  readonly policies?: Partial<PrincipalNode['policies']>;
};

/** The same kind of change is not made twice: the first word of its name. */
const mayChange = ({ changes }: PrincipalNode, name: string): boolean =>
  changes.length < MOST_CHANGES && !changes.some((one) => one.split(' ')[0] === name.split(' ')[0]);

/** Principals as they are after a change. The same change of the same principal gives the same node. */
export class ChangedPrincipals {
  readonly #known = new Map<PrincipalNode, Map<string, PrincipalNode>>();
  readonly #gains = new Map<PrincipalNode, Map<string, Power>>();
  readonly #withoutMfa = new Map<PrincipalNode, PrincipalNode>();
  #count = 0;
  readonly #created = new Map<string, PrincipalNode>();

  constructor(private readonly work: SearchWork) {}

  /** A new user or role, without policies. */
  created(type: 'user' | 'role', arn: string, accountId: string): PrincipalNode {
    const known = this.#created.get(arn);
    if (known !== undefined) return known;
    const created = emptyPrincipal(type, arn, accountId);
    this.#created.set(arn, created);
    return created;
  }

  /**
   * @param name of the change: the same name always means the same change
   * @param gain what the change gives; the principal also keeps what it can do already
   * @returns none if it can do anything afterwards, so that nothing leads further, or after too many changes
   */
  of(node: PrincipalNode, name: string, gain: Power, change: Change): readonly PrincipalNode[] {
    if (grantsAnything(gain) || !mayChange(node, name)) return [];
    const known = this.#known.get(node)?.get(name);
    if (known !== undefined) return [known];
    if (this.#count < MOST_CHANGED) return [this.#changed(node, name, gain, change)];
    this.work.leaveOut();
    return [];
  }

  /**
   * A user as someone acts as it who does not have its MFA device: with a new access key, whose requests have no key about MFA,
   * or with a password after the device is deactivated. The same user if its permissions do not depend on it.
   * @param facts what else is known
   */
  withoutMfa(user: PrincipalNode, facts: MfaFacts): PrincipalNode {
    const known = this.#withoutMfa.get(user);
    if (known !== undefined) return known;
    const found = withoutMfa(user, facts);
    this.#withoutMfa.set(user, found);
    return found;
  }

  /** What a change of a principal gives. Found once, because many principals may make the same change. */
  gainOf(node: PrincipalNode, name: string, find: () => Power): Power {
    const ofNode = this.#gains.get(node) ?? new Map<string, Power>();
    this.#gains.set(node, ofNode);
    const known = ofNode.get(name);
    if (known !== undefined) return known;
    const gain = find();
    ofNode.set(name, gain);
    return gain;
  }

  /** The same with any policies added to it, within its boundary. */
  withAnything(node: PrincipalNode, gain: Power): readonly PrincipalNode[] {
    const identity = [...node.policies.identity, anyPolicy];
    return this.of(node, 'any policies', gain, { policies: { identity } });
  }

  #changed(node: PrincipalNode, name: string, gain: Power, { policies, ...change }: Change): PrincipalNode {
    const ofNode = this.#known.get(node) ?? new Map<string, PrincipalNode>();
    this.#known.set(node, ofNode);
    this.#count += 1;
    const own = node.power ?? { everywhere: 0n, somewhere: 0n };
    const power = united(own, gain);
    const changed: PrincipalNode = {
      ...node,
      ...change,
      power,
      isAdministrator: grantsAnything(power),
      // The simulation knew the policies before the change, but SCPs stay the same.
      simulation: { refused: 0n, refusedByOrganizations: node.simulation.refusedByOrganizations },
      policies: { ...node.policies, ...policies },
      policyKey: `${node.policyKey} + ${name}`,
      changes: [...node.changes, name],
    };
    ofNode.set(name, changed);
    return changed;
  }
}

const NAMES_MFA = /aws:multifactorauth/i;

/** What decides whether it matters that someone who acts as a user has no MFA device. */
export interface MfaFacts {
  readonly granted: GrantedPower;
  /** Whether the user may enable one more device, and so have MFA again. */
  readonly mayEnable: (user: PrincipalNode) => boolean;
  /** Whether it may assume a role whose trust policy asks for MFA. */
  readonly mayAssumeWithMfa: (user: PrincipalNode) => boolean;
}

function withoutMfa(user: PrincipalNode, { granted, mayEnable, mayAssumeWithMfa }: MfaFacts): PrincipalNode {
  const { credentials, power, policies } = user;
  if (credentials === null || power === null || (!credentials.hasMfa && credentials.hasActiveKey)) return user;
  const { identity, boundary } = policies;
  const isNamed = [...identity, boundary].some((policy) => NAMES_MFA.test(policy?.document ?? ''));
  if (!isNamed && (!credentials.hasMfa || !mayAssumeWithMfa(user))) return user;
  const weaker = {
    ...user,
    credentials: { ...credentials, hasMfa: false, hasActiveKey: true },
    policyKey: `${user.policyKey} without MFA`,
    // The simulation of a user with a device has MFA.
    simulation: credentials.hasMfa ? { ...user.simulation, refused: 0n } : user.simulation,
  };
  const withKey = { ...weaker, lacksMfa: true };
  const before = granted.together(identity, boundary, user).everywhere;
  const after = granted.together(identity, boundary, withKey).everywhere & ~weaker.simulation.refused;
  const lost = before & ~after;
  const gained = after & ~power.everywhere;
  const left: Power = {
    everywhere: (power.everywhere & ~lost) | gained,
    somewhere: (power.somewhere & ~lost) | gained,
  };
  const lacking = { ...withKey, power: left, isAdministrator: grantsAnything(left) };
  return credentials.hasMfa && mayEnable(lacking)
    ? { ...lacking, lacksMfa: false, policyKey: `${weaker.policyKey} at first` }
    : lacking;
}
