import { certainties, type Certainty } from '../../contract/answers/path.ts';
import type { Ground } from '../../contract/answers/permission.ts';
import type { Power } from '../abilities/abilities.ts';
import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';

/** A fact that a way depends on and that nothing in the audit's evidence tells. */
export type Doubt =
  /** Whether a resource that the way needs exists, and runs with the role. */
  | 'running'
  /** The actions are allowed on some resources only. */
  | 'whichRuns'
  /** Whether IAM Identity Center is administered from this account. */
  | 'identityCenter'
  /** Whether the user has a password: no credential report has it. */
  | 'password'
  /** Whether the user may have one more access key: no credential report has it. */
  | 'accessKeys'
  /** The user has an MFA device, which the principal can't deactivate. */
  | 'mfa'
  /** The identity provider's own controls. */
  | 'provider';

/** Another principal that the caller acts as for a part of a way. */
export interface Helper {
  readonly principal: PrincipalNode;
  /** How the caller acts as it, certainly or under conditions. */
  readonly way: Way;
  /** What it does in the caller's place: the changes of the target, the access to the target, or a change of the caller. */
  readonly part: 'changes' | 'access' | 'change of the caller';
}

/** One way in which a principal gains permissions, for targets with the same answer. */
export interface Way {
  readonly path: EscalationPath;
  /** The principals that it acts as afterwards. Empty: it changes itself, or creates a principal. */
  readonly targets: readonly PrincipalNode[];
  /** What it can do afterwards: as its target (`own`), or this. */
  readonly gain: 'own' | Power;
  /** Changes of the targets before it acts as them, by the same principal. */
  readonly first?: readonly Way[];
  readonly helper?: Helper;
  /** Itself or a target with the permissions that it has afterwards, from which other ways may lead further. */
  readonly after?: readonly PrincipalNode[];
  /** Says it in more detail than `by` of the path. */
  readonly by?: string;
  /** The actions that it needs besides those of the path. */
  readonly also?: readonly string[];
  /** Condition keys that it depends on. */
  readonly keys: readonly string[];
  readonly doubts: readonly Doubt[];
  readonly grounds: readonly Ground[];
}

export const certaintyOf = ({ keys, doubts }: Pick<Way, 'keys' | 'doubts'>): Certainty => {
  if (doubts.length > 0) return 'possible';
  return keys.length > 0 ? 'conditional' : 'certain';
};

/** Lower is more certain. */
export const certaintyRank = (certainty: Certainty): number => certainties.indexOf(certainty);

export const isAsCertain = (certainty: Certainty, least: Certainty): boolean =>
  certaintyRank(certainty) <= certaintyRank(least);

/** The principals that one acts as after a way, and from which other ways may lead further. */
export const reachedBy = ({ gain, targets, after }: Way): readonly PrincipalNode[] =>
  after ?? (gain === 'own' ? targets : none);

const none: readonly PrincipalNode[] = [];

/** All actions that the principal needs. */
export const actionsOf = ({ path, also = [] }: Pick<Way, 'path' | 'also'>): readonly string[] => [
  ...path.actions,
  ...also,
];

/** What the principal does, to complete "by …". */
export const inWords = ({ path, by }: Way): string => by ?? path.by;
