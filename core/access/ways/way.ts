import type { Certainty } from '../../contract/answers/path.ts';
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
  /** Whether the user has a password: the credential report has no row for it. */
  | 'password'
  /** The user has an MFA device, which the principal can't deactivate. */
  | 'mfa'
  /** The identity provider's own controls. */
  | 'provider';

/** One way in which a principal gains permissions, for targets with the same answer. */
export interface Way {
  readonly path: EscalationPath;
  /** The principals that it acts as afterwards. Empty: it changes itself, or creates a principal. */
  readonly targets: readonly PrincipalNode[];
  /** What it can do afterwards: as its target (`own`), or this. */
  readonly gain: 'own' | Power;
  /** Condition keys that it depends on. */
  readonly keys: readonly string[];
  readonly doubts: readonly Doubt[];
  readonly grounds: readonly Ground[];
}

export const certaintyOf = ({ keys, doubts }: Pick<Way, 'keys' | 'doubts'>): Certainty => {
  if (doubts.length > 0) return 'possible';
  return keys.length > 0 ? 'conditional' : 'certain';
};
