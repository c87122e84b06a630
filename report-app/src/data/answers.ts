import { severities, type Severity } from '../../../core/contract/finding.ts';
import { OWN_ARN, type ReportRule } from '../../../core/contract/report/report-data.ts';
import { groupedBy } from '../../../core/streams/grouped-by.ts';
import { counted } from './days.ts';
import { isActive, type Finding, type Principal, type Report } from './model.ts';

/** People and roles. Users stand for people. */
export interface Who {
  readonly users: number;
  readonly roles: number;
}

const noOne: Who = { users: 0, roles: 0 };

/** What the overview says first. The arrays have the findings that the numbers count. */
export interface Answer {
  readonly administrators: Who;
  /** Principals with a certain way to administrator permissions. */
  readonly canTakeOver: Who;
  /** The same under conditions or on facts that are not known. */
  readonly mightTakeOver: Who;
  readonly unused: Who;
  readonly outside: number;
}

/** Rules whose findings are paths to more permissions. */
export const ESCALATION_RULES: readonly string[] = ['escalation-path', 'escalation-across-accounts'];
const UNUSED_RULES = new Set(['unused-user', 'unused-role']);
const OUTSIDE_RULES = new Set(['assumable-by-anyone', 'assumable-from-outside', 'oidc-without-subject']);

export function answerOf({ findings }: Report): Answer {
  const sets = {
    administrators: new Set<string>(),
    can: new Set<string>(),
    might: new Set<string>(),
    unused: new Set<string>(),
    outside: new Set<string>(),
  };
  for (const finding of findings) {
    if (finding.state === 'resolved') continue;
    const { rule, arn } = finding;
    if (rule === 'administrator') sets.administrators.add(arn);
    else if (UNUSED_RULES.has(rule)) sets.unused.add(arn);
    else if (OUTSIDE_RULES.has(rule)) sets.outside.add(arn);
    else if (ESCALATION_RULES.includes(rule)) {
      const certainty = takeOver(finding);
      if (certainty !== null) sets[certainty === 'certain' ? 'can' : 'might'].add(arn);
    }
  }
  // An administrator may also have a path to another account.
  for (const arn of sets.administrators) {
    sets.can.delete(arn);
    sets.might.delete(arn);
  }
  return {
    administrators: whoIn(sets.administrators),
    canTakeOver: whoIn(sets.can),
    mightTakeOver: whoIn(sets.might),
    unused: whoIn(sets.unused),
    outside: sets.outside.size,
  };
}

/** How certain it is that a finding's principal can become an administrator; null if no way leads there. */
export function takeOver({ sharedPaths }: Finding): string | null {
  const ways = sharedPaths.filter(({ gain }) => gain === 'administrator');
  if (ways.length === 0) return null;
  return ways.some(({ certainty }) => certainty === 'certain') ? 'certain' : 'conditional';
}

function whoIn(arns: ReadonlySet<string>): Who {
  let who = noOne;
  for (const arn of arns) {
    who = arn.includes(':user/') ? { ...who, users: who.users + 1 } : { ...who, roles: who.roles + 1 };
  }
  return who;
}

/** `3 users and 5 roles`; null for nobody. */
export function whoInWords({ users, roles }: Who): string | null {
  const parts = [...(users === 0 ? [] : [counted(users, 'user')]), ...(roles === 0 ? [] : [counted(roles, 'role')])];
  return parts.length === 0 ? null : parts.join(' and ');
}

export const totalOf = ({ users, roles }: Who): number => users + roles;

/** A kind of risk, with the findings of it. */
export interface Risk {
  readonly rule: string;
  readonly severity: Severity;
  readonly findings: readonly Finding[];
}

/** The risks with the greatest effect first: by severity of the worst finding, then by number. */
export function risksOf(findings: readonly Finding[]): readonly Risk[] {
  return groupedBy(findings.filter(isActive), ({ severity, rule }) => `${severity} ${rule}`)
    .flatMap((list) => list.slice(0, 1).map(({ rule, severity }): Risk => ({ rule, severity, findings: list })))
    .sort(
      (a, b) =>
        severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.findings.length - a.findings.length,
    );
}

/** Findings that one change can resolve, or that say the same of several principals. */
export interface Matter {
  readonly worst: Finding;
  readonly findings: readonly Finding[];
  /** ARN of the principal where all ways of the findings end; null if they have no common end. */
  readonly goal: string | null;
}

/** What matters most, each thing once: 200 principals with the same way to one role are one matter. */
export function mattersOf(findings: readonly Finding[], most: number): readonly Matter[] {
  const sameMatter = (finding: Finding): string => {
    const [path] = finding.sharedPaths;
    const goal = goalOf(finding);
    const how = path?.steps.map(({ by }) => by) ?? [];
    return JSON.stringify([finding.severity, finding.rule, goal, path?.gain, goal === null ? how : how.at(-1)]);
  };
  return groupedBy(findings.filter(isActive), sameMatter)
    .flatMap((list) => list.slice(0, 1).map((worst): Matter => ({ worst, findings: list, goal: goalOf(worst) })))
    .sort(
      (a, b) =>
        severities.indexOf(a.worst.severity) - severities.indexOf(b.worst.severity) ||
        effectOf(b.worst) - effectOf(a.worst) ||
        b.findings.length - a.findings.length,
    )
    .slice(0, most);
}

/** ARN of the principal where the first way of a finding ends; null if it has none, or it ends at the finding's principal. */
function goalOf({ sharedPaths, arn }: Finding): string | null {
  const [path] = sharedPaths;
  return path === undefined || path.to === OWN_ARN || path.to === arn ? null : path.to;
}

/** What outsiders and ways to administrator permissions put at risk is more than what is only unused. */
function effectOf(finding: Finding): number {
  if (finding.rule.startsWith('root-')) return 4;
  if (OUTSIDE_RULES.has(finding.rule)) return 3;
  if (takeOver(finding) === 'certain') return 2;
  return finding.sharedPaths.length > 0 ? 1 : 0;
}

/** A control of a benchmark, and the active findings of the rules that cover it. */
export interface ControlState {
  readonly control: string;
  readonly rules: readonly string[];
  readonly findings: number;
}

/** The controls that the rules cover, also those without findings. By name, numbers in their order. */
export function controlsOf({ findings, head }: Pick<Report, 'findings' | 'head'>): readonly ControlState[] {
  const active = new Map<string, number>();
  for (const finding of findings) {
    if (isActive(finding)) active.set(finding.rule, (active.get(finding.rule) ?? 0) + 1);
  }
  const rulesByControl = new Map<string, string[]>();
  for (const { id, controls } of head.rules) {
    for (const control of controls) rulesByControl.set(control, [...(rulesByControl.get(control) ?? []), id]);
  }
  return [...rulesByControl]
    .map(([control, rules]) => {
      return { control, rules, findings: rules.reduce((sum, rule) => sum + (active.get(rule) ?? 0), 0) };
    })
    .sort((a, b) => a.control.localeCompare(b.control, 'en', { numeric: true }));
}

/** The rules that were checked and have no finding, not even one with an exception. */
export function quietRulesOf({ findings, head }: Pick<Report, 'findings' | 'head'>): readonly ReportRule[] {
  const found = new Set(findings.filter(({ state }) => state !== 'resolved').map(({ rule }) => rule));
  return head.rules.filter(({ id }) => !found.has(id));
}

/** Who is responsible for a principal: the value of the first tag that names an owner. */
const OWNER_KEYS = ['owner', 'team', 'contact', 'squad', 'business-owner', 'technical-owner'];
export function ownerOf(principal: Principal | null): string | null {
  if (principal === null) return null;
  for (const wanted of OWNER_KEYS) {
    const tag = principal.tags.find(([key]) => key.toLowerCase() === wanted);
    if (tag !== undefined) return tag[1];
  }
  return null;
}
