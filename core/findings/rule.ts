import type { AccountCredentials, PrincipalRecord } from '../contract/evidence.ts';
import type { Severity } from '../contract/finding.ts';
import type { AccessGraph } from '../access/graph/access-graph.ts';

/** A finding as a rule returns it. */
export interface Draft {
  /**
   * Distinguishes several findings of one rule on one principal, and is stable from day to day. Empty if there can be
   * only one. Part of the finding's id.
   */
  readonly key: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  /** JSON values only. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** What a rule may use besides the principal or root user that it checks. */
export interface RuleContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A principal younger than this many days is too new to count as unused. */
  readonly graceDays: number;
  /** Something that was not used for this many days counts as unused. */
  readonly unusedAfterDays: number;
  /** Who can become whom among the account's principals. */
  readonly access: AccessGraph;
  /** The account's organization; null if it is in none or the organization is unknown. */
  readonly organizationId: string | null;
}

interface RuleText {
  /** In kebab case. Part of every finding's id, so it must never change. */
  readonly id: string;
  /** The possible severities, and when each applies. */
  readonly severity: string;
  readonly meaning: string;
  readonly why: string;
  readonly remedy: string;
  /**
   * Controls that the rule covers, wholly or in part: of the CIS AWS Foundations Benchmark 3.0 (`CIS 3.0 1.4`), and of
   * the AWS Foundational Security Best Practices (`FSBP IAM.4`).
   */
  readonly controls: readonly string[];
}

/**
 * Checks one principal. If the evidence that the rule needs is incomplete, the absence of a finding proves nothing.
 */
export interface PrincipalRule extends RuleText {
  readonly subject: 'principal';
  /** Its findings also depend on the account's other principals. */
  readonly usesOtherPrincipals?: true;
  readonly find: (record: PrincipalRecord, context: RuleContext) => readonly Draft[];
}

/** Checks the account's root user. */
export interface RootRule extends RuleText {
  readonly subject: 'root';
  readonly find: (account: AccountCredentials, context: RuleContext) => readonly Draft[];
}

/** Reports an entry of the exceptions file. SummariseRun makes this finding, not a function of the rule. */
export interface ExceptionRule extends RuleText {
  readonly subject: 'exception';
}

/** Compares several accounts. SummariseRun makes its findings, not a function of the rule. */
export interface AccountsRule extends RuleText {
  readonly subject: 'accounts';
}

export type Rule = PrincipalRule | RootRule | ExceptionRule | AccountsRule;
