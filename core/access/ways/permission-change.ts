import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';

export type SelfEscalation = Extract<EscalationPath, { kind: 'self-escalation' }>;

/** A change of what `subject` can do, made by `caller`, which may be the same principal. */
export interface PermissionChange {
  readonly path: SelfEscalation;
  readonly action: string;
  readonly caller: PrincipalNode;
  readonly subject: PrincipalNode;
}
