import type { ContextEntry } from '../contract/account-objects.ts';
import type { AccessedService, DecisionKind, PasswordPolicy } from '../contract/evidence.ts';
import type { AwsFault } from './aws-fault.ts';
import type { CallLedger } from './calls/call-ledger.ts';
import type { OrganizationSession } from './organization-reader.ts';
import type { ReportPage } from './pages.ts';

/** The audit's interface to IAM; `aws/` implements it. Every method throws AwsFault. */

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
  /** Names of the instance profiles that have the role. */
  readonly instanceProfiles: readonly string[];
  readonly lastUsedAt: string | null;
}

export interface AccountPolicy {
  readonly arn: string;
  /** Null if the page does not contain the default version. */
  readonly defaultDocument: string | null;
  /** Versions that are not the default one, newest first. */
  readonly otherVersions: readonly { readonly id: string; readonly document: string }[];
}

export type AuthorizationFilter = 'User' | 'Role' | 'Group' | 'LocalManagedPolicy' | 'AWSManagedPolicy';

/** An entry of the inventory that can't be read: a field is missing or has another type. */
export interface UnreadableEntity {
  readonly kind: 'user' | 'role' | 'group' | 'policy';
  /** Null if it can't be read either. */
  readonly arn: string | null;
  readonly fault: AwsFault;
}

export interface AuthorizationPage {
  readonly users: readonly AccountUser[];
  readonly roles: readonly AccountRole[];
  readonly groups: readonly AccountGroup[];
  readonly policies: readonly AccountPolicy[];
  /** The entries of this page that can't be read. They are in no other list. */
  readonly unreadable: readonly UnreadableEntity[];
  /** Null on the last page. */
  readonly marker: string | null;
}

export type LastAccessedPage = ReportPage<AccessedService>;

export interface SimulatedDecision {
  readonly action: string;
  readonly decision: DecisionKind;
  readonly allowedByOrganizations: boolean | null;
  readonly allowedByBoundary: boolean | null;
  readonly missingContext: readonly string[];
  /** Decisions by resource, if the request named resources. */
  readonly resources: readonly {
    readonly arn: string;
    readonly decision: DecisionKind;
    /** Null if AWS does not return it. */
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
  /** Requests an ACTION_LEVEL report. @returns its JobId. Only the same credentials can read the report. */
  requestLastAccessed(arn: string): Promise<string>;
  lastAccessedPage(jobId: string, marker: string | null): Promise<LastAccessedPage>;
  /**
   * @param resources empty: `*`
   * @param context values of condition keys that the simulator does not know
   */
  simulationPage(
    arn: string,
    actions: readonly string[],
    resources: readonly string[],
    marker: string | null,
    context?: readonly ContextEntry[],
  ): Promise<SimulationPage>;
  requestCredentialReport(): Promise<'STARTED' | 'INPROGRESS' | 'COMPLETE'>;
  /** The account's password policy. An account without one has IAM's default policy. */
  passwordPolicy(): Promise<PasswordPolicy>;
  /** @returns the report's CSV and the time when AWS made it, ISO 8601. */
  credentialReport(): Promise<{ readonly csv: string; readonly generatedAt: string }>;
}

/** IAM with one static set of credentials, and a ledger of every request sent with them. */
export interface AccountSession {
  readonly iam: IamReader;
  readonly calls: CallLedger;
}

/** What a session is opened for. */
export interface SessionRequest {
  readonly accountId: string;
  /** The session has the run's ID as its name, so that CloudTrail shows the run of each call. */
  readonly runId: string;
  /** The IAM actions that the session may call. A session policy denies all others. */
  readonly actions: readonly string[];
  /** Milliseconds for which the session is needed and its credentials stay valid. */
  readonly workMs: number;
  /** Counts the requests to STS, also if the session cannot be opened. The session counts its requests to IAM in it. */
  readonly calls: CallLedger;
}

/** Opens sessions in the accounts of a run. */
export interface AccountAccess {
  /** @returns the account of the audit's own credentials. @throws AwsFault */
  ownAccountId(): Promise<string>;
  /** @throws AwsFault */
  open(request: SessionRequest): Promise<AccountSession>;
  /** A session for the audit's own organization. Opening it sends no request. */
  organization(): OrganizationSession;
  /** Discards the session's cached credentials, because AWS refused them before they expired. */
  discard(session: AccountSession): void;
}
