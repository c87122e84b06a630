import type { WorklistLine } from '../contract/account-objects.ts';
import type { CallsByOperation } from '../contract/run.ts';
import { noCalls } from '../ports/calls/call-ledger.ts';
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
  /** Simulations that an account with this number of principals needs. Between two of them, the number grows evenly. */
  simulations: [
    { principals: 0, simulations: 0 },
    { principals: 30, simulations: 13 },
    { principals: 60, simulations: 17 },
    { principals: 100, simulations: 19 },
    { principals: 300, simulations: 26 },
    { principals: 1_000, simulations: 49 },
    { principals: 10_000, simulations: 264 },
  ],
  /** Users and roles on a page of the inventory, and the pages with groups and policies. */
  principalsPerPage: 1_000,
  sharedPages: 1,
  /** AWS makes the credential report in this time. */
  credentialReportMs: 3_000,
} as const;

const ACCOUNT = '000000000000';

/** Whether item `n` is one of those that a share of the items stands for, spread evenly. */
const isOf = (share: number, n: number): boolean => Math.floor((n + 1) * share) > Math.floor(n * share);

/** On the line between the two measured numbers around it; above the largest, on the last line. */
function simulationsOf(principals: number): number {
  const above = typical.simulations.findIndex((one, n) => n > 0 && principals <= one.principals);
  const [from, to] = typical.simulations.slice(above > 0 ? above - 1 : -2);
  if (from === undefined || to === undefined) return principals;
  const slope = (to.simulations - from.simulations) / (to.principals - from.principals);
  return Math.max(1, Math.round(from.simulations + slope * (principals - from.principals)));
}

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
      narrower: isRuledOut ? [] : [{ resources: ['arn:aws:iam::000000000000:role/app'], actions: ['iam:PassRole'] }],
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
