import type { AccessedService, DecisionKind } from '../contract/evidence.ts';
import type { CallLedger } from './call-ledger.ts';
import type { OrganizationSession } from './organization-reader.ts';

/** What the pipeline reads from IAM, in the domain's terms; `aws/` implements it. Every method throws AwsFault. */

/** A policy document as AWS stores it: JSON text, already URL-decoded. */
export interface NamedDocument {
  readonly name: string;
  readonly document: string;
}

interface AccountEntity {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly inlinePolicies: readonly NamedDocument[];
  readonly attachedPolicyArns: readonly string[];
}

export type AccountGroup = AccountEntity;

interface AccountPrincipal extends AccountEntity {
  readonly permissionsBoundaryArn: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface AccountUser extends AccountPrincipal {
  readonly groupNames: readonly string[];
}

export interface AccountRole extends AccountPrincipal {
  readonly trustPolicy: string;
  readonly lastUsedAt: string | null;
}

export interface AccountPolicy {
  readonly arn: string;
  /** Null where the page did not bring the default version. */
  readonly defaultDocument: string | null;
}

export type AuthorizationFilter = 'User' | 'Role' | 'Group' | 'LocalManagedPolicy' | 'AWSManagedPolicy';

export interface AuthorizationPage {
  readonly users: readonly AccountUser[];
  readonly roles: readonly AccountRole[];
  readonly groups: readonly AccountGroup[];
  readonly policies: readonly AccountPolicy[];
  /** Null on the last page. */
  readonly marker: string | null;
}

export type LastAccessedPage =
  | { readonly status: 'IN_PROGRESS' }
  | { readonly status: 'FAILED'; readonly code: string; readonly message: string }
  | {
      readonly status: 'COMPLETED';
      /** ISO 8601: when AWS finished the report. */
      readonly completedAt: string;
      readonly services: readonly AccessedService[];
      readonly marker: string | null;
    };

export interface SimulatedDecision {
  readonly action: string;
  readonly decision: DecisionKind;
  readonly allowedByOrganizations: boolean | null;
  readonly allowedByBoundary: boolean | null;
  readonly missingContext: readonly string[];
  /** Per resource, where resources were named. */
  readonly resources: readonly {
    readonly arn: string;
    readonly decision: DecisionKind;
    /** Null where AWS says nothing of it. */
    readonly allowedByBoundary: boolean | null;
    readonly missingContext: readonly string[];
  }[];
}

export interface SimulationPage {
  readonly decisions: readonly SimulatedDecision[];
  readonly marker: string | null;
}

export interface IamReader {
  authorizationPage(filter: readonly AuthorizationFilter[], marker: string | null): Promise<AuthorizationPage>;
  /** Asks for an ACTION_LEVEL report. @returns its JobId, readable with the same credentials only. */
  requestLastAccessed(arn: string): Promise<string>;
  lastAccessedPage(jobId: string, marker: string | null): Promise<LastAccessedPage>;
  /** @param resources empty: `*` */
  simulationPage(
    arn: string,
    actions: readonly string[],
    resources: readonly string[],
    marker: string | null,
  ): Promise<SimulationPage>;
  requestCredentialReport(): Promise<'STARTED' | 'INPROGRESS' | 'COMPLETE'>;
  /** @returns the report's CSV and when it was made, ISO 8601. */
  credentialReport(): Promise<{ readonly csv: string; readonly generatedAt: string }>;
}

/** IAM seen with one static set of credentials, and a ledger of every request that went out with it. */
export interface AccountSession {
  readonly iam: IamReader;
  readonly calls: CallLedger;
}

/** Opens sessions in the accounts of a run. */
export interface AccountAccess {
  /** @returns the account of the pipeline's own credentials. @throws AwsFault */
  ownAccountId(): Promise<string>;
  /** @param workMs how long the session is worked with: its credentials outlast that. @throws AwsFault */
  open(accountId: string, workMs: number): Promise<AccountSession>;
  /** The pipeline's own view of its organization: nothing is asked yet. */
  organization(): OrganizationSession;
  /** Forgets the account's credentials: AWS refused them before their time was over. */
  discard(accountId: string): void;
}
