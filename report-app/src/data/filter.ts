import { severities } from '../../../core/contract/finding.ts';
import { decisivePolicyOf } from './decisive-policy.ts';
import { groupedBy } from '../../../core/streams/grouped-by.ts';
import { ownerOf } from './answers.ts';
import { isActive, type Finding, type Principal, type Report } from './model.ts';

/** What is chosen in a view: the part of the address after `?`. */
export type Query = ReadonlyMap<string, string>;

export const findingStates = ['active', 'new', 'open', 'suppressed', 'resolved', 'all'] as const;

/** Whether all words of a search are in a text, without regard to case. */
export function matcher(search: string): (text: string) => boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (text) => words.every((word) => text.includes(word));
}

/** Texts in lower case, made once for each item when it is first searched. */
class SearchTexts<Item extends object> {
  readonly #texts = new WeakMap<Item, string>();
  constructor(private readonly make: (item: Item) => string) {}
  of(item: Item): string {
    const known = this.#texts.get(item);
    if (known !== undefined) return known;
    const text = this.make(item).toLowerCase();
    this.#texts.set(item, text);
    return text;
  }
}

const findingTexts = new SearchTexts<Finding>(
  ({ title, detail, arn, rule, id, ruleText }) =>
    `${title} ${detail} ${arn} ${rule} ${id} ${(ruleText?.controls ?? []).join(' ')}`,
);
const principalTexts = new SearchTexts<Principal>(
  ({ arn, tags, account, managedBy }) =>
    `${arn} ${tags.flat().join(' ')} ${account.name ?? ''} ${account.path ?? ''} ${managedBy ?? ''}`,
);

/** A tag filter such as `team=payments`, or only a key. */
function hasTag(principal: Principal | null, filter: string): boolean {
  const [key = '', ...value] = filter.split('=');
  const wanted = value.join('=');
  return principal?.tags.some(([one, its]) => one === key && (filter.includes('=') ? its === wanted : true)) ?? false;
}

export function filterFindings({ findings, accounts }: Report, query: Query): readonly Finding[] {
  const matches = matcher(query.get('q') ?? '');
  const chosen = new Set((query.get('severity') ?? '').split(',').filter(Boolean));
  const state = query.get('state') ?? 'active';
  const rules = new Set((query.get('rule') ?? '').split(',').filter(Boolean));
  const account = query.get('account') ?? '';
  const unit = query.get('unit') ?? '';
  const tag = query.get('tag') ?? '';
  const owner = query.get('owner') ?? '';
  const control = query.get('control') ?? '';
  const inUnit =
    unit === '' ? null : new Set(accounts.filter(({ path }) => isBelow(path, unit)).map(({ accountId }) => accountId));
  return findings.filter(
    (finding) =>
      (state === 'all' || (state === 'active' ? isActive(finding) : finding.state === state)) &&
      (chosen.size === 0 || chosen.has(finding.severity)) &&
      (rules.size === 0 || rules.has(finding.rule)) &&
      (account === '' || finding.accountId === account) &&
      (inUnit === null || inUnit.has(finding.accountId)) &&
      (tag === '' || hasTag(finding.principal, tag)) &&
      (owner === '' || ownerOf(finding.principal) === owner) &&
      (control === '' || (finding.ruleText?.controls ?? []).includes(control)) &&
      matches(findingTexts.of(finding)),
  );
}

/** Whether an account is in a unit or below it. */
export const isBelow = (path: string | null | undefined, unit: string): boolean =>
  path === unit || (path?.startsWith(`${unit}/`) ?? false);

export const findingOrders = ['severity', 'newest', 'oldest', 'principal', 'rule'] as const;

export function sortFindings(findings: readonly Finding[], order: string): readonly Finding[] {
  const bySeverity = (a: Finding, b: Finding): number =>
    severities.indexOf(a.severity) - severities.indexOf(b.severity);
  const compare: Readonly<Record<string, (a: Finding, b: Finding) => number>> = {
    severity: bySeverity,
    newest: (a, b) => a.sinceDaysAgo - b.sinceDaysAgo || bySeverity(a, b),
    oldest: (a, b) => b.sinceDaysAgo - a.sinceDaysAgo || bySeverity(a, b),
    principal: (a, b) => byText(a.arn, b.arn) || bySeverity(a, b),
    rule: (a, b) => byText(a.rule, b.rule) || bySeverity(a, b),
  };
  return findings.toSorted(compare[order] ?? bySeverity);
}

export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const findingGroups = ['none', 'rule', 'policy', 'principal', 'account', 'owner', 'severity'] as const;

export interface Group {
  readonly key: string;
  readonly findings: readonly Finding[];
}

/** The findings in groups, in the order of their first findings. */
export function groupFindings(findings: readonly Finding[], by: string): readonly Group[] {
  if (by === 'none') return [{ key: '', findings }];
  const keyOf = (finding: Finding): string => {
    if (by === 'rule') return finding.rule;
    if (by === 'policy') return decisivePolicyOf(finding) ?? 'no policy named';
    if (by === 'principal') return finding.arn;
    if (by === 'account') return finding.accountId;
    if (by === 'severity') return finding.severity;
    return ownerOf(finding.principal) ?? 'no owner tag';
  };
  return groupedBy(findings, keyOf).map((members) => {
    const [first] = members;
    return { key: first === undefined ? '' : keyOf(first), findings: members };
  });
}

export function filterPrincipals({ principals }: Report, query: Query): readonly Principal[] {
  const matches = matcher(query.get('q') ?? '');
  const type = query.get('type') ?? '';
  const status = query.get('status') ?? '';
  const account = query.get('account') ?? '';
  const unit = query.get('unit') ?? '';
  const tag = query.get('tag') ?? '';
  const activity = query.get('activity') ?? '';
  const severity = query.get('severity') ?? '';
  const policy = query.get('policy') ?? '';
  const group = query.get('group') ?? '';
  return principals.filter(
    (principal) =>
      (type === '' || principal.type === type) &&
      (status === '' || principal.status === status) &&
      (account === '' || principal.account.accountId === account) &&
      (unit === '' || isBelow(principal.account.path, unit)) &&
      (tag === '' || hasTag(principal, tag)) &&
      (activity === '' || activityOf(principal) === activity) &&
      (policy === '' || hasPolicy(principal, policy)) &&
      (group === '' || (principal.policies?.groups.includes(group) ?? false)) &&
      (severity === '' || principal.findings.some((finding) => isActive(finding) && finding.severity === severity)) &&
      matches(principalTexts.of(principal)),
  );
}

/** Whether a managed policy is attached to a principal, or is its permissions boundary. */
const hasPolicy = ({ policies }: Principal, arn: string): boolean =>
  policies !== null && (policies.attached.includes(arn) || policies.boundary === arn);

/** Activity in classes, for filters. */
export function activityOf({ activity }: Principal): 'recent' | 'old' | 'never' | 'unknown' {
  if (activity === undefined) return 'unknown';
  if (activity === null) return 'never';
  return activity <= 90 ? 'recent' : 'old';
}

/** The rank of a principal's worst active finding; `severities.length` without one. */
export function rankOf({ findings }: Principal): number {
  return findings.reduce<number>(
    (rank, finding) => (isActive(finding) ? Math.min(rank, severities.indexOf(finding.severity)) : rank),
    severities.length,
  );
}

export function sortPrincipals(
  principals: readonly Principal[],
  column: string,
  descending: boolean,
): readonly Principal[] {
  // Never used comes after the longest time without use, and not known comes last.
  const idle = ({ activity }: Principal): number => (activity === undefined ? 1e9 : (activity ?? 1e6));
  const compare: Readonly<Record<string, (a: Principal, b: Principal) => number>> = {
    name: (a, b) => byText(a.name.toLowerCase(), b.name.toLowerCase()),
    account: (a, b) => byText(a.account.accountId, b.account.accountId),
    risk: (a, b) => rankOf(a) - rankOf(b) || b.findings.length - a.findings.length,
    activity: (a, b) => idle(a) - idle(b),
    services: (a, b) => b.used.length + b.unused.length - (a.used.length + a.unused.length),
    sensitive: (a, b) => b.decisions.length - a.decisions.length,
  };
  const chosen = compare[column] ?? compare.risk;
  if (chosen === undefined) return principals;
  const sorted = principals.toSorted(chosen);
  return descending ? sorted.reverse() : sorted;
}
