import type { PrincipalNode } from '../../access/node.ts';
import { escalationPaths } from '../../access/paths/escalation-paths.ts';
import { uniqueGrounds } from '../../access/target-groups.ts';
import { certaintyRank } from '../../access/ways/way.ts';
import { gainRank } from '../../access/ways/gains.ts';
import type { Gain, Path } from '../../contract/answers/path.ts';
import { severities } from '../../contract/finding.ts';
import { countedInWords, listed, listedBriefly, nameOf } from '../../wording/wording.ts';
import { groundsInWords } from '../grounds.ts';
import type { AccountsRule, Draft } from '../rule.ts';
import type { Crossing } from './crossings.ts';

export const escalationAcrossAccounts: AccountsRule = {
  id: 'escalation-across-accounts',
  subject: 'accounts',
  controls: [],
  severity:
    'that of its worst path: critical if the path leads to administrator permissions in another account; high if it leads to actions that change permissions there; medium if it leads to actions that return credentials there. ' +
    'One level lower for an administrator of its own account, under conditions that are not known to hold, and two levels lower if the path depends on facts that are not known',
  meaning:
    'The principal can get permissions in another audited account: it, or a principal that it can act as, assumes a role there. Both sides are evaluated: its own policies with permissions boundary and service control policies, and the trust policy of the role. Paths through several accounts are followed. No path enters an account by a role that trusts every principal, of the organization or of all accounts: assumable-by-organization and assumable-by-anyone report the role. For each principal the evidence has its best path to each gain. Administrators of the management account are not reported, because they administer the organization. Principals that can become administrators of their own account are reported for that by escalation-path, and what an administrator reaches in other accounts is reported for the administrator.',
  why: 'An attacker who gets the principal’s credentials also gets into the other account. Nothing in that account’s own policies shows who the principal is.',
  remedy:
    'Name single roles in the trust policy instead of the account, add a condition (aws:PrincipalArn, or an external ID for other companies), or give the role fewer permissions. Or limit sts:AssumeRole in the principal’s policies to the roles that are needed.',
};

const MOST_ACCOUNTS = 20;

/** @param crossings the best path to each gain; at least one */
export function draftOf(node: PrincipalNode, crossings: readonly [Crossing, ...Crossing[]]): Draft {
  const worst = crossings.reduce((least, one) => (rankOf(one.path, node) < rankOf(least.path, node) ? one : least));
  const { path, accountIds } = worst;
  const severity = severities[Math.min(rankOf(path, node), severities.length - 1)] ?? 'low';
  const last = path.to.split(':')[4] ?? '';
  const others = accountIds.filter((accountId) => accountId !== last);
  const canOrMight = path.certainty === 'certain' ? 'can' : 'might';
  const also = others.length === 0 ? '' : ` and, in the same way, of ${listedBriefly(others, 2)}`;
  return {
    key: '',
    severity,
    title: `${nameOf(node)} ${canOrMight} ${goals[path.gain]} account ${last}${also} (${countedInWords(path.steps.length, 'step')})`,
    detail: sentences(node, path).join(' '),
    evidence: {
      paths: crossings.map((one) => one.path),
      certainty: path.certainty,
      conditions: path.missing,
      isAdministrator: node.isAdministrator,
      accounts: accountIds.slice(0, MOST_ACCOUNTS),
      accountCount: accountIds.length,
    },
  };
}

const goals: Readonly<Record<Gain, string>> = {
  administrator: 'become an administrator of',
  'permission changes': 'change permissions of',
  credentials: 'get credentials of',
  'other permissions': 'get permissions of',
};

/** An index of `severities`; it may be above the last. */
const rankOf = ({ gain, certainty }: Path, { isAdministrator }: PrincipalNode): number =>
  gainRank(gain) + certaintyRank(certainty) + (isAdministrator ? 1 : 0);

function sentences(node: PrincipalNode, path: Path): string[] {
  const texts = [`The steps: ${path.steps.map(stepInWords).join('; then ')}.`];
  texts.push(...groundsInWords(uniqueGrounds(path.steps.flatMap((step) => step.grounds))));
  if (path.targetCount > 1) {
    texts.push(`The last step leads to ${countedInWords(path.targetCount, 'role')} in the same way.`);
  }
  if (path.missing.length > 0) texts.push(`It depends on what is not known: ${listed(path.missing)}.`);
  if (node.isAdministrator) texts.push('It is an administrator of its own account.');
  return texts;
}

function stepInWords({ from, to, changes, technique, actions }: Path['steps'][number]): string {
  const by = escalationPaths.find(({ id }) => id === technique)?.by ?? technique;
  const acts = changes !== undefined ? `changes ${changes}` : from === to ? 'acts' : `acts as ${to}`;
  return `${from} ${acts} by ${by} (${listed(actions)})`;
}
