import type { WorklistLine } from '../contract/account-objects.ts';
import type { CallsByOperation } from '../contract/run.ts';
import { noCalls } from '../ports/call-ledger.ts';
import type { EstimatedPrincipal } from './planned-work.ts';

/**
 * A typical account: the mean of the generated accounts (`npm run measure:typical-account`, docs/figures.md). Shares of the
 * principals.
 */
export const typical = {
  ruledOut: 0.26,
  usedWithinTwoDays: 0.17,
  notProvablyIdle: 0.03,
  recommendations: 0.557,
  /**
   * Simulations for a number of principals: a small account has its own policies, and in a large one many principals have the
   * same. Measured: 19 for 100 principals, 49 for 1,000, 264 for 10,000.
   */
  simulations: { fewShare: 0.2, base: 25, share: 0.024 },
  /** Users and roles on a page of the inventory, and the pages with groups and policies. */
  principalsPerPage: 1_000,
  sharedPages: 1,
  /** AWS makes the credential report in this time. */
  credentialReportMs: 3_000,
} as const;

const ACCOUNT = '000000000000';

/** Whether item `n` is one of those that a share of the items stands for, spread evenly. */
const isOf = (share: number, n: number): boolean => Math.floor((n + 1) * share) > Math.floor(n * share);

const simulationsOf = (principals: number): number => {
  const { fewShare, base, share } = typical.simulations;
  return Math.max(1, Math.round(Math.min(fewShare * principals, base + share * principals)));
};

/** The principals of a typical account of which no evidence is known. */
export function typicalPrincipals(principals: number): EstimatedPrincipal[] {
  const simulations = simulationsOf(principals);
  let simulated = 0;
  return Array.from({ length: principals }, (_, n) => {
    const isRuledOut = isOf(typical.ruledOut, n);
    const group = isRuledOut ? null : `group ${simulated % simulations}`;
    if (!isRuledOut) simulated += 1;
    const work: WorklistLine = {
      arn: `arn:aws:iam::${ACCOUNT}:role/typical-${n}`,
      type: 'role',
      actions: isRuledOut ? [] : ['iam:PassRole'],
      ruledOut: 0,
      narrower: [],
      unaskable: [],
      asks: ['lastAccessed', 'permissions'],
      group,
    };
    return {
      work,
      lasting: true,
      use: isOf(typical.usedWithinTwoDays, n) ? 'daily' : isOf(typical.notProvablyIdle, n) ? 'unproven' : 'idle',
      hasRecommendation: isOf(typical.recommendations, n),
    };
  });
}

/** The calls of the inventory of a typical account. */
export function inventoryCalls(principals: number, assumesRole: boolean): CallsByOperation {
  const pages = typical.sharedPages + Math.max(1, Math.ceil(principals / typical.principalsPerPage));
  const counts: Readonly<Record<string, number>> = {
    'iam:GetAccountAuthorizationDetails': pages,
    'iam:GenerateCredentialReport': 2,
    'iam:GetCredentialReport': 1,
    'iam:GetAccountPasswordPolicy': 1,
    ...(assumesRole ? { 'sts:AssumeRole': 1 } : {}),
  };
  return Object.fromEntries(
    Object.entries(counts).map(([operation, sent]) => [operation, { ...noCalls(), sent, succeeded: sent }]),
  );
}
