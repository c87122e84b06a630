/** How CloudFormation uses a role: for the requests of a stack, or only to assume the execution role of a stack set. */
export type StackUse = 'stack' | 'stack set';

interface PathFacts {
  /** Part of a finding's evidence, and of exceptions that people write, so it must never change. */
  readonly id: string;
  /** The principal needs all of them. */
  readonly actions: readonly string[];
  /** What the principal does, to complete "can become an administrator by …". */
  readonly by: string;
  readonly reference: string;
}

/** A set of actions with which a principal can get more permissions than it was granted. */
export type EscalationPath = PathFacts &
  (
    | {
        /** It passes a role to a new resource; or it takes over an existing resource that runs with a role. */
        readonly kind: 'new-passrole' | 'existing-passrole';
        /** The role must trust one of these services. */
        readonly passedTo: readonly string[];
        /** EC2 gets a role by an instance profile, so the role must be in one. */
        readonly byInstanceProfile?: true;
        /** It also passes a role to each of these services, which use it for themselves. */
        readonly alsoPassed?: readonly string[];
        /** CloudFormation uses the role, and nobody gets its session. */
        readonly usedIn?: StackUse;
        /** It needs a resource that exists already, which the audit does not read. */
        readonly needsResource?: true;
      }
    | {
        /** It changes its own permissions. */
        readonly kind: 'self-escalation';
        readonly changes:
          | 'user'
          | 'role'
          | 'group'
          /** It creates a group, gives it policies and becomes a member. */
          | 'newGroup'
          | 'policy'
          | 'userBoundary'
          | 'roleBoundary'
          /** It removes policies that deny it something: its own, or those of its group. */
          | 'userDenials'
          | 'roleDenials'
          | 'groupDenials'
          /** It sets or removes a tag that a condition names. */
          | 'userTags'
          | 'roleTags';
        /** What it does to another principal by the same actions, before it acts as that principal: `by` for this. */
        readonly toOther: string;
      }
    | {
        /** It acts as another principal. */
        readonly kind: 'principal-access';
        readonly target: 'user' | 'role' | 'permissionSet';
        /**
         * The target's own permissions, those without its boundary, those with session tags, or everything because its
         * policies are rewritten first.
         */
        readonly gain: 'own' | 'boundary' | 'sessionTags' | 'everything';
      }
    | {
        /** It creates a role or user, gives it permissions and acts as it. */
        readonly kind: 'new-principal';
        readonly creates: 'user' | 'role';
      }
    | {
        /** It changes an identity provider that roles trust, and signs in by it. */
        readonly kind: 'federation';
        readonly provider: 'saml' | 'oidc';
      }
  );
