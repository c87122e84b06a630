import { severities, type Severity } from '../../../core/contract/finding.ts';
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
    else if (rule === 'escalation-path') {
      const certainty = takeOver(finding);
      if (certainty !== null) sets[certainty === 'certain' ? 'can' : 'might'].add(arn);
    }
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
export function takeOver({ paths }: Finding): string | null {
  const ways = paths.filter(({ gain }) => gain === 'administrator');
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
  /** The most severe finding. */
  readonly worst: Finding;
}

/** The risks with the greatest effect first: by severity of the worst finding, then by number. */
export function risksOf(findings: readonly Finding[]): readonly Risk[] {
  const byRule = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (!isActive(finding)) continue;
    const key = `${finding.severity} ${finding.rule}`;
    const list = byRule.get(key);
    if (list === undefined) byRule.set(key, [finding]);
    else list.push(finding);
  }
  return [...byRule.values()]
    .flatMap((list): Risk[] => {
      const [worst] = list;
      return worst === undefined ? [] : [{ rule: worst.rule, severity: worst.severity, findings: list, worst }];
    })
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.findings.length - a.findings.length);
}

/** The worst finding of each of the principals with the most severe findings. */
export function worstPrincipals(findings: readonly Finding[], most: number): readonly Finding[] {
  const seen = new Set<string>();
  const worst: Finding[] = [];
  for (const finding of findings) {
    if (!isActive(finding) || seen.has(finding.arn)) continue;
    seen.add(finding.arn);
    worst.push(finding);
    if (worst.length === most) break;
  }
  return worst;
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
