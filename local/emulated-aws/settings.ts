import type { Clock, Random } from '../../core/ports/clock.ts';
import type { AccountDirectory, EmulatedAccount } from './account.ts';
import type { EventHistory } from './cloudtrail/event-history.ts';
import type { RecordedCall } from './cloudtrail/recorded-call.ts';
import type { LimitSettings } from './limits.ts';
import type { Behaviour } from './operations/operation.ts';
import type { OrganizationSettings } from './organization.ts';
import type { Session } from './sessions.ts';
import type { FaultShares } from './transient-faults.ts';

/** An error that the emulation returns for calls of one operation. */
export interface InjectedError {
  /** For example `iam:GenerateCredentialReport`. */
  readonly operation: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Number of calls, from the first one, that get the error. Default: every call. */
  readonly times?: number;
}

export interface EmulatedAwsSettings extends LimitSettings {
  readonly accounts: readonly EmulatedAccount[] | AccountDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults?: FaultShares;
  /** Denied actions by account ID, such as `iam:GenerateCredentialReport`. */
  readonly denied?: Readonly<Record<string, readonly string[]>>;
  /**
   * Whether a session may call an operation, such as `iam:GetCredentialReport`, in the Region for which the request is
   * signed. Default: every session may.
   */
  readonly authorize?: (session: Session, operation: string, region: string) => boolean;
  readonly errors?: readonly InjectedError[];
  /** By account ID: Regions in which the account has not activated STS. */
  readonly inactiveStsRegions?: Readonly<Record<string, readonly string[]>>;
  /** 5th and 95th percentile of the response time, in milliseconds. Default: responses are immediate. */
  readonly latencyMs?: readonly [number, number];
  readonly behaviour?: Partial<Behaviour>;
  /** Properties of the accounts' organization. Null: the accounts are in no organization. */
  readonly organization?: OrganizationSettings | null;
  /** Gets each authenticated call to IAM and STS, as CloudTrail records it. Lost requests are not recorded. */
  readonly cloudTrail?: (call: RecordedCall) => void;
  /** What CloudTrail's LookupEvents answers from; the same calls are added to it. Default: it has no events. */
  readonly eventHistory?: EventHistory;
}

export const defaultBehaviour: Behaviour = {
  reportMs: 1_500,
  failedReports: 0,
  accessReportsAtOnce: 10,
  failedAccessReports: [],
  largestPage: 1_000,
  randomPages: false,
  maxActions: 1_000,
  refusedActions: [],
};
