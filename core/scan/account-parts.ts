import type { CredentialReportResult } from '../inventory/read-account.ts';
import type { AccountGroup, AccountPolicy, AccountRole, AccountUser } from '../ports/iam.ts';
import { listed } from '../wording/wording.ts';
import { ScanInputError, type ScannedAccount } from './scanned-account.ts';

/** What one page or file says about an account. */
export interface AccountPart {
  readonly users: readonly AccountUser[];
  readonly roles: readonly AccountRole[];
  readonly groups: readonly AccountGroup[];
  readonly policies: readonly AccountPolicy[];
  readonly knowsInstanceProfiles: boolean;
  /** Whether AWS has more pages after this one. */
  readonly isTruncated: boolean;
  /** The lists that it does not have, by their names in the file. */
  readonly missing: readonly string[];
}

/** A part with the place that it comes from, for messages. */
export interface PlacedPart {
  readonly place: string;
  readonly part: AccountPart;
}

/** Why a principal has no credentials: the files have none, which does not mean that it has no password or key. */
export const NO_REPORT: CredentialReportResult = {
  kind: 'problem',
  problem: {
    step: 'credentials',
    code: 'NotGiven',
    message: 'No credential report was given, so passwords, MFA devices and access keys are not known.',
  },
};

const accountIn = (arn: string): string => arn.split(':')[4] ?? '';

/** The accounts that a part describes, from its ARNs. AWS's own policies belong to no account. */
function accountsIn({ users, roles, groups, policies }: AccountPart): string[] {
  const arns = [...users, ...roles, ...groups, ...policies].map(({ arn }) => accountIn(arn));
  return [...new Set(arns)].filter((accountId) => accountId !== 'aws');
}

/** Joins the pages and files of each account. @throws ScanInputError */
export function joinParts(parts: readonly PlacedPart[]): { accounts: ScannedAccount[]; warnings: string[] } {
  const byAccount = new Map<string, PlacedPart[]>();
  const shared: PlacedPart[] = [];
  for (const placed of parts) {
    const [accountId, other] = accountsIn(placed.part);
    if (other !== undefined) {
      throw new ScanInputError(
        `${placed.place}: has ARNs of the accounts ${accountId ?? ''} and ${other}. A file must describe one account.`,
      );
    }
    if (accountId === undefined) shared.push(placed);
    else byAccount.set(accountId, [...(byAccount.get(accountId) ?? []), placed]);
  }
  if (byAccount.size === 0 && shared[0] !== undefined) {
    throw new ScanInputError(
      `${shared[0].place}: has no user, role, group or customer managed policy, so its account is not known.`,
    );
  }
  const warnings: string[] = [];
  const accounts = [...byAccount].map(([accountId, own]): ScannedAccount => {
    // Pages without an ARN of an account have AWS's policies, which are the same in all accounts.
    const all = [...own, ...shared].map(({ part }) => part);
    if (all.every(({ isTruncated }) => isTruncated)) {
      warnings.push(
        `Account ${accountId}: the last page is missing (IsTruncated is true in each). Principals and policies of the missing pages are not in the answer.`,
      );
    }
    // A list that is not there is not empty.
    const missing = (all[0]?.missing ?? []).filter((name) => all.every((one) => one.missing.includes(name)));
    if (missing.length > 0) {
      warnings.push(
        `Account ${accountId}: ${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} in no file, so what would be there is not in the answer. AWS also sends empty lists.`,
      );
    }
    const places = own.map(({ place }) => place).join(' and ');
    return {
      accountId,
      users: unique(all, 'users', places),
      roles: unique(all, 'roles', places),
      groups: unique(all, 'groups', places),
      policies: unique(all, 'policies', places),
      knowsInstanceProfiles: all.every(({ knowsInstanceProfiles }) => knowsInstanceProfiles),
      serviceControl: null,
      credentials: NO_REPORT,
      lastAccessed: new Map(),
    };
  });
  return { accounts, warnings };
}

/** The same page may be given twice. @throws ScanInputError if two descriptions of one ARN differ */
function unique<Kind extends 'users' | 'roles' | 'groups' | 'policies'>(
  parts: readonly AccountPart[],
  kind: Kind,
  places: string,
): AccountPart[Kind][number][] {
  const known = new Map<string, AccountPart[Kind][number]>();
  for (const part of parts) {
    for (const item of part[kind]) {
      const other = known.get(item.arn);
      if (other !== undefined && JSON.stringify(other) !== JSON.stringify(item)) {
        throw new ScanInputError(
          `${places}: ${item.arn} is described twice, and differently. Give each page once, all of one call.`,
        );
      }
      known.set(item.arn, item);
    }
  }
  return [...known.values()];
}
