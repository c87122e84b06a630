import { AuthorizationDetails, detailElements, partOf } from './authorization-details.ts';
import { joinParts, type PlacedPart } from './account-parts.ts';
import { accountOfCase, CaseAccount } from './case-format.ts';
import { credentialReportOf } from './credential-report-file.ts';
import { unknownFields } from './unknown-fields.ts';
import { serviceControlOf } from './service-control-file.ts';
import { parsedBy, parsedJson } from './parsed-file.ts';
import { ScanInputError, type InputFile, type ScannedAccount } from './scanned-account.ts';

export interface ScanInput {
  /** Accounts: authorization details, or accounts in the format of `test/fixtures/cases`. */
  readonly files: readonly InputFile[];
  readonly credentialReports: readonly InputFile[];
  readonly serviceControl: readonly InputFile[];
}

export interface ReadInput {
  /** Sorted by ID. */
  readonly accounts: readonly ScannedAccount[];
  readonly warnings: readonly string[];
}

/**
 * The accounts that files describe.
 * @param now milliseconds since the epoch
 * @throws ScanInputError
 */
export function readScanInput(input: ScanInput, now: number): ReadInput {
  const parts: PlacedPart[] = [];
  const cases: { readonly place: string; readonly account: ScannedAccount }[] = [];
  const unknown: string[] = [];
  for (const file of input.files) {
    const content = parsedJson(file);
    // Several pages or accounts may be in one list.
    const items: readonly unknown[] = Array.isArray(content) ? content : [content];
    if (items.length === 0) throw new ScanInputError(`${file.name}: is an empty list. ${EXPECTED}`);
    for (const [index, item] of items.entries()) {
      const place = Array.isArray(content) ? `${file.name}: [${index}]` : file.name;
      if (hasAny(item, detailElements)) {
        parts.push({ place, part: partOf(parsedBy(AuthorizationDetails, item, place)) });
      } else if (hasAny(item, ['id', 'users', 'roles'])) {
        cases.push({ place, account: accountOfCase(parsedBy(CaseAccount, item, place), now) });
        unknown.push(...unknownFields(item).map((sentence) => `${place}: ${sentence}`));
      } else throw new ScanInputError(`${place}: has an unknown form. ${EXPECTED}`);
    }
  }
  const joined = joinParts(parts);
  const byId = new Map(joined.accounts.map((account) => [account.accountId, account]));
  for (const { place, account } of cases) {
    if (byId.has(account.accountId)) {
      throw new ScanInputError(
        `${place}: the account ${account.accountId} is described twice. Give each account once.`,
      );
    }
    byId.set(account.accountId, account);
  }
  for (const file of input.credentialReports) {
    const { accountIds, credentials } = credentialReportOf(file, now);
    const accountId = accountIds.find((one) => byId.has(one));
    const account = accountId === undefined ? undefined : byId.get(accountId);
    if (accountId === undefined || account === undefined) {
      throw new ScanInputError(
        `${file.name}: is the credential report of account ${accountIds.join(', ') || '(none)'}, but the files describe ${[...byId.keys()].join(', ')}.`,
      );
    }
    byId.set(accountId, { ...account, credentials });
  }
  const { levels, warnings } = serviceControlOf(input.serviceControl);
  const accounts = [...byId.values()]
    .map((account) => (levels === null ? account : { ...account, serviceControl: levels }))
    .sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
  return { accounts, warnings: [...joined.warnings, ...unknown, ...warnings] };
}

const EXPECTED =
  'A file must be the JSON of aws iam get-account-authorization-details (UserDetailList, RoleDetailList, GroupDetailList, Policies), or an account with id, users and roles.';

const hasAny = (item: unknown, names: readonly string[]): boolean =>
  typeof item === 'object' && item !== null && names.some((name) => Object.hasOwn(item, name));
