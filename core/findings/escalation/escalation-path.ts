interface PathFacts {
  /** Part of every finding's id, so it never changes. */
  readonly id: string;
  /** All of them are needed. */
  readonly actions: readonly string[];
  /** What the principal does, as in "can escalate by …". */
  readonly by: string;
  readonly reference: string;
}

/** A set of actions by which a principal comes to more than it was given. */
export type EscalationPath = PathFacts &
  (
    | {
        /** It passes a role to something that it makes; or it takes over something that runs with a role. */
        readonly kind: 'new-passrole' | 'existing-passrole';
        /** Services that such roles trust, any of them. */
        readonly passedTo: readonly string[];
      }
    | {
        /** It changes its own rights. */
        readonly kind: 'self-escalation';
        readonly changes: 'user' | 'role' | 'group' | 'policy' | 'userBoundary' | 'roleBoundary';
      }
    | {
        /** It comes to act as another principal. */
        readonly kind: 'principal-access';
        readonly target: 'user' | 'role' | 'permissionSet';
        /** Of the target: its own rights, those without its boundary, or any, because they are rewritten first. */
        readonly gain: 'own' | 'boundary' | 'everything';
      }
  );
