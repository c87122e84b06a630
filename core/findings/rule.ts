import type { AccountCredentials, PrincipalRecord } from '../contract/evidence.ts';
import type { Severity } from '../contract/finding.ts';
import type { AccountPrincipals } from './escalation/account-principals.ts';

/** What a rule makes of one matter that it sees. */
export interface Draft {
  /** Tells matters of one rule on one principal apart, the same from day to day; empty where there can be only one. */
  readonly key: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  /** JSON values only. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** What rules are told beside their subject. */
export interface RuleContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Days in which a principal is too new to be called unused. */
  readonly graceDays: number;
  /** Days without use after which something counts as unused. */
  readonly unusedAfterDays: number;
  /** Roles and users of the account, as far as their evidence could be had. */
  readonly principals: AccountPrincipals;
  /** The account's organization; null where it is in none, or nobody knows which. */
  readonly organizationId: string | null;
}

interface RuleText {
  /** In kebab case; part of every finding's id, so it never changes. */
  readonly id: string;
  /** The most severe that it can be, and when it is which. */
  readonly severity: string;
  readonly meaning: string;
  readonly why: string;
  readonly remedy: string;
}

/** Looks at one principal. Silence means that nothing is wrong only where the evidence it needs is there. */
export interface PrincipalRule extends RuleText {
  readonly subject: 'principal';
  /** What it finds hangs on the account's other principals too. */
  readonly looksAtOthers?: true;
  readonly find: (record: PrincipalRecord, context: RuleContext) => readonly Draft[];
}

/** Looks at the account's root user. */
export interface RootRule extends RuleText {
  readonly subject: 'root';
  readonly find: (account: AccountCredentials, context: RuleContext) => readonly Draft[];
}

/** Made by the pipeline itself, of what operators have written. */
export interface ExceptionRule extends RuleText {
  readonly subject: 'exception';
}

export type Rule = PrincipalRule | RootRule | ExceptionRule;
