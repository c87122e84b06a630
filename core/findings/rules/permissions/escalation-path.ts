import { actionsBySensitivity } from '../../../access/abilities/abilities.ts';
import { conditionalAdministrator, isCertainAdministrator } from '../../../access/conditional-administrator.ts';
import { groundsOf, type AccessPath, type Hop } from '../../../access/graph/access-path.ts';
import { gainRank } from '../../../access/ways/gains.ts';
import { weightOf } from '../../../access/graph/paths-of.ts';
import { actionsOf, inWords, type Doubt } from '../../../access/ways/way.ts';
import type { PrincipalRecord } from '../../../contract/evidence.ts';
import { severities, type Severity } from '../../../contract/finding.ts';
import { canBeRemoved, describeManager } from '../../../inventory/managed-by.ts';
import { countedInWords, listed, listedBriefly, nameOf } from '../../../wording/wording.ts';
import type { Draft, PrincipalRule, RuleContext } from '../../rule.ts';
import { groundsInWords } from '../../grounds.ts';
import { pathEvidence, TRUST } from '../../path-evidence.ts';
import { serviceUseOf, useEvidence } from '../../use/usage.ts';

/** At most this many paths are in a finding's evidence. `pathCount` has their number. */
const MOST_PATHS = 10;
const MOST_GAINS = 10;

export const escalationPath: PrincipalRule = {
  id: 'escalation-path',
  subject: 'principal',
  controls: [],
  usesOtherPrincipals: true,
  severity:
    'that of its worst path: critical if the path leads to administrator permissions; high if it leads to actions that change permissions; medium if it leads to actions that return credentials; otherwise low. ' +
    'One level lower for each unknown fact that the path depends on, and one level lower under conditions that are not known to hold. ' +
    'One level higher if the path is certain and the principal never used a service that it needs: those permissions can be removed at once',
  meaning:
    'The principal can get permissions that it lacks, in one or several steps: it assumes roles, passes a role to a service that runs its code, changes its own policies and tags or those of others, creates credentials or principals, or changes an identity provider. It may do a part by a CloudFormation stack, or as another principal. Each step is evaluated with the policies, permissions boundaries, service control policies, trust policies, tags and credentials that the inventory has read. All paths of a principal are in one finding. If a part of a path leads as far, only that part is reported. Administrators are not reported. For an administrator under conditions, only certain paths are reported.',
  why: 'An attacker who gets the principal’s credentials also gets the permissions at the end of the path. The principal’s own policies do not show them.',
  remedy:
    'Remove a permission of the first step, or the trust that it uses; start with actions that were never used. Or limit iam:PassRole and sts:AssumeRole to the roles that are needed, add the condition key iam:PassedToService to iam:PassRole, and restrict IAM changes with a permissions boundary.',
  find: (record, context) => {
    // The permissions of a service-linked role cannot be changed.
    if (record.managedBy === 'service' || isCertainAdministrator(record, context.access.account)) return [];
    const paths = context.access.pathsFrom(record.arn);
    const counted =
      conditionalAdministrator(record, context.access.account) === null
        ? paths
        : paths.filter(({ certainty }) => certainty === 'certain');
    return counted.length === 0 ? [] : [draftOf(record, counted, context)];
  },
};

function draftOf(record: PrincipalRecord, paths: readonly AccessPath[], context: RuleContext): Draft {
  const weighed = paths.map((path) => ({ path, severity: severityOf(path, record, context) }));
  const worst = weighed.reduce((least, one) => (rankOf(one) < rankOf(least) ? one : least));
  const { path, severity } = worst;
  const goal = path.gain === 'administrator' ? 'become an administrator' : 'gain permissions';
  const unused = neverUsed(path, record, context);
  const unusedText = unused.length === 0 ? '' : ` (never used ${listed(unused)})`;
  const more = paths.length === 1 ? '' : `, and in ${countedInWords(paths.length - 1, 'other way')}`;
  return {
    key: '',
    severity,
    title: `${nameOf(record)} ${canOrMight(path)} ${goal} by ${inSteps(path.hops)}${more}${unusedText}`,
    detail: sentences(record, path, unused, paths).join(' '),
    evidence: {
      paths: paths.slice(0, MOST_PATHS).map(pathEvidence),
      pathCount: paths.length,
      worst: path.hops.map(({ way }) => way.path.id),
      certainty: path.certainty,
      conditions: path.keys,
      notKnown: [...new Set(path.doubts)],
      neverUsedServices: unused,
      services: servicesOf(path).map((namespace) => ({ namespace, ...useEvidence(serviceUseOf(record, namespace)) })),
      gains: actionsBySensitivity(path.gained).slice(0, MOST_GAINS),
      gainCount: actionsBySensitivity(path.gained).length,
      permissionsAsOf: record.permissions.asOf,
    },
  };
}

const rankOf = ({ path, severity }: { readonly path: AccessPath; readonly severity: Severity }): number =>
  severities.indexOf(severity) * 100 + gainRank(path.gain) * 10 + Math.min(path.hops.length, 9);

function severityOf(path: AccessPath, record: PrincipalRecord, context: RuleContext): Severity {
  const raised = path.certainty === 'certain' && neverUsed(path, record, context).length > 0 ? 1 : 0;
  const index = Math.min(Math.max(weightOf(path) - raised, 0), severities.length - 1);
  return severities[index] ?? 'low';
}

/** Services that the first step needs and that the principal never used. Its own permissions for them can be removed. */
function neverUsed(path: AccessPath, record: PrincipalRecord, { graceDays, now }: RuleContext): string[] {
  if (!canBeRemoved(record, graceDays, now)) return [];
  return servicesOf(path).filter((namespace) => {
    const use = serviceUseOf(record, namespace);
    return use.kind === 'never';
  });
}

/**
 * Services of the first step. Without IAM for iam:PassRole: the service that receives a role uses it, so this principal's
 * report does not show it. Without STS where a trust policy alone lets the principal in.
 */
function servicesOf({ hops }: AccessPath): string[] {
  const [first] = hops;
  const actions = first === undefined ? [] : actionsOf(first.way);
  const used = actions.flatMap((action) => (action === 'iam:PassRole' ? [] : [action.split(':')[0] ?? '']));
  const byTrustOnly = first?.way.path.id === 'sts-001' && first.way.grounds.every(({ policy }) => policy === TRUST);
  return byTrustOnly ? [] : [...new Set(used)];
}

const canOrMight = ({ certainty }: AccessPath): 'can' | 'might' => (certainty === 'certain' ? 'can' : 'might');

const doubtTexts: Readonly<Record<Doubt, string>> = {
  running: 'It is not known whether a resource that the path needs exists: the audit reads IAM only.',
  whichRuns: 'The actions are allowed on some resources only, and it is not known which roles those resources have.',
  identityCenter: 'It is not known whether IAM Identity Center is administered from this account.',
  password: 'It is not known whether the user has a password: no credential report that was read has the user.',
  accessKeys:
    'It is not known whether the user has two access keys already, the most that IAM allows: no credential report that was read has the user.',
  mfa: 'The user has an MFA device, which the principal can’t deactivate.',
  provider: 'The path also needs a token that the identity provider issues.',
};

function sentences(
  record: PrincipalRecord,
  path: AccessPath,
  unused: readonly string[],
  paths: readonly AccessPath[],
): string[] {
  const texts = [`The steps: ${path.hops.map(stepInWords).join('; then ')}.`, leadsTo(path)];
  texts.push(...groundsInWords(groundsOf(path.hops)));
  for (const doubt of new Set(path.doubts)) texts.push(doubtTexts[doubt]);
  if (path.keys.length > 0) texts.push(`It depends on conditions that are not known to hold: ${listed(path.keys)}.`);
  if (unused.length > 0) {
    texts.push(`It never used ${listed(unused)} in AWS’s tracking period: remove these permissions first.`);
  }
  if (paths.length > 1)
    texts.push(
      `${countedInWords(paths.length, 'path')} in all; the evidence has ${paths.length > MOST_PATHS ? `the first ${MOST_PATHS}` : 'all of them'}.`,
    );
  if (record.managedBy === 'identityCenter') {
    texts.push('Its permissions come from its permission set in IAM Identity Center: change them there.');
  } else texts.push(...describeManager(record));
  return texts;
}

function stepInWords({ from, way, target, changes }: Hop): string {
  const isOther = target !== null && target.arn !== from.arn;
  const changed = changes === undefined || isCreation(way) ? null : changes;
  const acts =
    changed === null ? (isOther ? `acts as ${nameIn(target.arn)}` : 'acts') : `changes ${nameIn(changed.arn)}`;
  return `${nameIn(from.arn)} ${acts} by ${inWords(way)} (${listed(actionsOf(way))})`;
}

const isCreation = ({ path }: Hop['way']): boolean => path.kind === 'new-principal';

const inSteps = (hops: readonly Hop[]): string => {
  const [first, ...others] = hops;
  if (first === undefined) return '';
  const by = inWords(first.way);
  if (others.length === 0) return by;
  const names: { readonly name: string; count: number }[] = [];
  for (const name of hops.map((hop) => endInWords(hop, first.from.arn))) {
    const last = names.at(-1);
    if (last?.name === name) last.count += 1;
    else names.push({ name, count: 1 });
  }
  const inOrder = names.map(({ name, count }) =>
    count === 1 ? name : name.replace(/^a change of/, `${count} changes of`),
  );
  return `${by} (${countedInWords(hops.length, 'step')}: ${inOrder.join(', then ')})`;
};

/** What a step leads to. @param own ARN of the principal that the finding is about */
function endInWords({ from, way, target, changes }: Hop, own: string): string {
  if (way.path.kind === 'new-principal') return `a new ${way.path.creates}`;
  if (changes !== undefined) return `a change of ${nameIn(changes.arn)}`;
  if (target !== null && target.arn !== from.arn) return nameIn(target.arn);
  return from.arn === own ? 'a change of itself' : `a change of ${nameIn(from.arn)}`;
}

function leadsTo({ gain, gained, targets, hops }: AccessPath): string {
  const what =
    gain === 'administrator'
      ? 'administrator permissions'
      : `permissions that it lacks (${listedBriefly(actionsBySensitivity(gained), 3)})`;
  const last = hops.at(-1);
  if (last === undefined || last.target === null) return `This gives ${what}.`;
  const others =
    targets.count > 1
      ? ` The last step leads to ${countedInWords(targets.count, 'principal')} in the same way; administrators among them: ${targets.administrators}.`
      : '';
  return `This gives ${what}.${others}`;
}

/** `role deploy` of `arn:aws:iam::111122223333:role/team/deploy`. */
function nameIn(arn: string): string {
  const [type = '', ...path] = (arn.split(':')[5] ?? '').split('/');
  return `${type} ${path.at(-1) ?? ''}`;
}
