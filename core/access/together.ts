import { everyPolicy, type Verdict } from '../evaluation/permissions.ts';
import { regionsToTry } from '../evaluation/chosen-keys.ts';
import { allOf, keysOf, weightOf } from '../evaluation/truth.ts';
import { commonText } from '../policies/common-text.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import type { AccountAccess } from './account-access.ts';
import { commandDocuments, mayRunCommands, sessionDocuments } from './paths/command-documents.ts';
import type { PrincipalNode } from './node.ts';
import { requiredResources } from './paths/required-resources.ts';
import { allowedPatterns, mayDo, mayDoSomewhere, policiesOf, sampleArn, type ExtraKeys } from './requests.ts';
import { uniqueGrounds } from './target-groups.ts';

/** Regions of the resources that are tried first. A policy may deny one Region. */
const REGIONS = ['us-east-1', 'eu-west-1', 'ap-southeast-2'];
/** Names of the resources that are tried. A policy may deny names that begin like one of them. */
const NAMES = ['x', '0'];
const MOST_CANDIDATES = 24;
const REGION = 'aws:requestedregion';

/** Whether a principal may do several actions with the same resources, which it may choose or create. */
export interface TogetherVerdict extends Verdict {
  /** Whether this is allowed only on resources that its policies name. */
  readonly isNarrow: boolean;
}

interface TogetherOptions {
  /** By action: ARNs of the types of resources that it needs. */
  readonly required?: Readonly<Record<string, readonly string[]>>;
  /** Keys of all the requests. */
  readonly extra?: ExtraKeys;
  /** Patterns of ARNs: a resource whose type they name must match one. */
  readonly within?: readonly string[];
}

/**
 * Whether a principal may do all the actions, such as creating a function and invoking it. Each type of resource that a
 * request needs permission for must be allowed (Service Authorization Reference), actions that need the same type must be
 * allowed on the same resource of it, and all resources must be in one Region.
 */
export function mayDoTogether(
  account: AccountAccess,
  node: PrincipalNode,
  actions: readonly string[],
  { required = requiredResources, extra = () => null, within = [] }: TogetherOptions = {},
): TogetherVerdict {
  const byType = new Map<string, string[]>();
  const verdicts: TogetherVerdict[] = [];
  for (const action of new Set(actions)) {
    const types = required[action];
    if (types === undefined) verdicts.push(mayDoSomewhere(account, node, action, extra));
    else for (const type of types) byType.set(type, [...(byType.get(type) ?? []), action]);
  }
  verdicts.push(
    ...inOneRegion([...byType], (type, ofType, region) =>
      onOneResource(account, node, ofType, type, { extra, within, region }),
    ),
  );
  if (byType.get(INSTANCE)?.includes('ssm:StartSession') === true) verdicts.push(sessionDocument(account, node, extra));
  return {
    truth: allOf(verdicts.map(({ truth }) => truth)),
    grounds: uniqueGrounds(verdicts.flatMap(({ grounds }) => grounds)),
    isNarrow: verdicts.some(({ isNarrow }) => isNarrow),
  };
}

interface ResourceVerdict extends TogetherVerdict {
  /** The Region of the resource. Empty: any, or the service is global. */
  readonly region: string;
}

type Types = readonly (readonly [string, readonly string[]])[];

/** The verdicts about all types, in the Region that allows the most. @param ask region: null for the best one of the type */
function inOneRegion(
  types: Types,
  ask: (type: string, actions: readonly string[], region: string | null) => ResourceVerdict,
): readonly TogetherVerdict[] {
  const verdicts: ResourceVerdict[] = [];
  for (const [type, actions] of types) {
    const verdict = ask(type, actions, null);
    verdicts.push(verdict);
    if (verdict.truth === false) return verdicts;
  }
  const regions = new Set(verdicts.flatMap(({ region }) => (region === '' ? [] : [region])));
  if (regions.size < 2) return verdicts;
  const weight = (all: readonly TogetherVerdict[]): number => weightOf(allOf(all.map(({ truth }) => truth)));
  return [...regions]
    .map((region) => types.map(([type, actions]) => ask(type, actions, region)))
    .reduce((best, one) => (weight(one) < weight(best) ? one : best));
}

const INSTANCE = 'arn:*:ec2:*:*:instance/*';
const DOCUMENT = 'arn:*:ssm:*:*:document/*';
/** With this key a statement asks for the permission for the document, also for the default one. */
const CHECKS_DOCUMENT = 'ssm:sessiondocumentaccesscheck';

/** Whether a session may have a document that gives a shell: Systems Manager compares it only if a statement asks for it. */
function sessionDocument(account: AccountAccess, node: PrincipalNode, more: ExtraKeys): TogetherVerdict {
  const { accountId, partition } = account.facts;
  const policies = everyPolicy(policiesOf(account, node));
  if (!account.evaluator.namesKey(policies, 'ssm:startsession', (key) => key === CHECKS_DOCUMENT)) {
    return { truth: true, grounds: [], isNarrow: false };
  }
  const extra: ExtraKeys = (key) => (key === CHECKS_DOCUMENT ? ['true'] : more(key));
  const verdicts = sessionDocuments.flatMap((name) =>
    ['', accountId].map((id) =>
      mayDo(account, node, 'ssm:StartSession', `arn:${partition}:ssm:us-east-1:${id}:document/${name}`, extra),
    ),
  );
  const best = verdicts.reduce((least, one) => (weightOf(one.truth) < weightOf(least.truth) ? one : least));
  return { ...best, isNarrow: false };
}

function onOneResource(
  account: AccountAccess,
  node: PrincipalNode,
  actions: readonly string[],
  type: string,
  { extra: more, within, region: only }: { extra: ExtraKeys; within: readonly string[]; region: string | null },
): ResourceVerdict {
  const patterns = actions.map((action) => allowedPatterns(account, node, action));
  let best: ResourceVerdict = { truth: false, grounds: [], isNarrow: false, region: '' };
  if (patterns.some((list) => list.length === 0)) return best;
  const policies = everyPolicy(policiesOf(account, node));
  const excepted = actions.map((action) => account.evaluator.exceptedPatterns(policies, action.toLowerCase()));
  const regions = actions.flatMap((action) => account.evaluator.namedValues(policies, action.toLowerCase(), REGION));
  const limits = within.filter((pattern) => commonArn(pattern, type) !== null);
  const common = limits.flatMap((limit) => patterns.flat().flatMap((pattern) => commonArn(limit, pattern) ?? []));
  const limiting = limits.map(wildcardPattern);
  const all = candidates(account, type, [...patterns, ...excepted, limits, common], regions)
    .flatMap((one) => (only === null ? [one] : inRegion(one, only)))
    .filter(({ arn }) => limits.length === 0 || limiting.some((matches) => matches(arn)));
  const tried = type === DOCUMENT ? documentsAmong(all, account, actions) : all;
  for (const { arn, region, isNarrow } of tried) {
    const extra: ExtraKeys = (key) => (key === REGION && region !== '' ? [region] : more(key));
    const verdicts = actions.map((action) => mayDo(account, node, action, arn, extra));
    const truth = allOf(verdicts.map((one) => one.truth));
    if (weightOf(truth) >= weightOf(best.truth)) continue;
    best = { truth, isNarrow, region, grounds: verdicts.flatMap(({ grounds }) => grounds) };
    if (keysOf(truth).length === 0) break;
  }
  return best;
}

/** The candidate in a Region; none if it is in another one. */
function inRegion(candidate: Candidate, region: string): readonly Candidate[] {
  const parts = candidate.arn.split(':');
  if (parts[3] === '' || candidate.region === region) return [candidate];
  // Those that the policies do not name may be anywhere.
  if (candidate.region !== '' && candidate.isNarrow) return [];
  return [{ ...candidate, region, arn: [...parts.slice(0, 3), region, ...parts.slice(4)].join(':') }];
}

/** An ARN that two patterns both match, part by part. Null: there is none. */
function commonArn(one: string, other: string): string | null {
  const [parts, others] = [one, other].map((pattern) => {
    const all = pattern.split(':');
    while (all.length < 6 && all.at(-1)?.endsWith('*') === true) all.push('*');
    return [...all.slice(0, 5), all.slice(5).join(':')];
  });
  const common = (parts ?? []).map((part, n) => commonText(part, others?.[n] ?? ''));
  return common.some((part) => part === null) ? null : common.map((part) => part ?? '').join(':');
}

interface Candidate {
  readonly arn: string;
  /** The Region of its requests. Empty: any, because the policies name no single one, or the service is global. */
  readonly region: string;
  readonly isNarrow: boolean;
}

/** Documents with which the actions run commands of the caller's choice, also those of AWS. */
function documentsAmong(
  all: readonly Candidate[],
  { facts }: AccountAccess,
  actions: readonly string[],
): readonly Candidate[] {
  const ofAws = commandDocuments(actions).flatMap((name) =>
    ['', facts.accountId].map((id) => `arn:${facts.partition}:ssm:us-east-1:${id}:document/${name}`),
  );
  return [
    ...all.filter(({ arn }) => mayRunCommands(arn.split('document/')[1] ?? '', actions)),
    ...ofAws.map((arn) => ({ arn, region: '', isNarrow: true })),
  ];
}

/** Any resource of the type, and those that the policies name, also two of them at once: `a-*` and `*-b` have `a-b`. */
function candidates(
  { facts }: AccountAccess,
  type: string,
  patterns: readonly (readonly string[])[],
  regions: readonly string[],
): Candidate[] {
  const { accountId, partition } = facts;
  const [, , service = '', , , ...resource] = type.split(':');
  const isOfType = wildcardPattern(resource.join(':'));
  const named = [...new Set(patterns.flat())].filter((pattern) => !/^\*+$/.test(pattern));
  const samples = new Map<string, string>();
  const further = [...mergedPatterns(named), ...named.flatMap((pattern) => lengthened(pattern, resource.join(':')))];
  for (const pattern of [...named, ...further]) {
    const arn = sampleArn(pattern, accountId, partition);
    const region = pattern.split(':')[3] ?? '';
    const isOpen = /[*?$]/.test(region) || samples.get(arn ?? '') === '';
    if (arn !== null) samples.set(arn, isOpen ? '' : region);
  }
  const matching = [...samples].filter(([arn]) => {
    const [, , itsService, , , ...itsResource] = arn.split(':');
    return arn !== '*' && itsService === service && isOfType(itsResource.join(':'));
  });
  const any = (name: string, all: readonly string[]): readonly Candidate[] =>
    [...new Set(all.map((region) => anyOf(type, name, accountId, partition, region)))].map((arn) => ({
      arn,
      region: arn.split(':')[3] ?? '',
      isNarrow: false,
    }));
  const [first = '', ...names] = NAMES;
  return [
    ...any(first, REGIONS),
    ...matching.slice(0, MOST_CANDIDATES).map(([arn, region]) => ({ arn, region, isNarrow: true })),
    // Needed only if a Deny applies to the others.
    ...names.flatMap((name) => any(name, regionsToTry(regions, partition))),
  ];
}

/**
 * A pattern whose last star also stands for the parts that it lacks: `stack/a-*` matches `stack/a-x/x`.
 * @param type the resource of the type, such as that of a stack, with a star for its name and one for its ID
 */
function lengthened(pattern: string, type: string): string[] {
  if (!pattern.endsWith('*')) return [];
  const parts = pattern.split(':').slice(5).join(':').split(/[/:]/).length;
  const missing = type
    .split(/([/:])/)
    .slice(2 * parts - 1)
    .join('');
  return missing === '' ? [] : [`${pattern}${missing}`];
}

/** Patterns that match what two of these match at once, so that one name may meet both. */
export const mergedPatterns = (patterns: readonly string[]): string[] =>
  patterns.flatMap((one) => patterns.flatMap((other) => (one === other ? [] : merged(one, other))));

/** A pattern that matches what both match, if one has the beginning of the resource's name and the other the end. */
function merged(one: string, other: string): string[] {
  const [begins, ends] = [one.split(':'), other.split(':')];
  const [beginning, end] = [begins.slice(5).join(':'), ends.slice(5).join(':')];
  const [first, last] = [beginning.indexOf('*'), end.lastIndexOf('*')];
  if (first === -1 || last === -1) return [];
  return [[...begins.slice(0, 5), `${beginning.slice(0, first)}*${end.slice(last + 1)}`].join(':')];
}

function anyOf(type: string, name: string, accountId: string, partition: string, region: string): string {
  const [, , service = '', itsRegion = '', account = '', ...resource] = type.split(':');
  const parts = ['arn', partition, service, itsRegion === '' ? '' : region, account === '' ? '' : accountId];
  return [...parts, resource.join(':').replaceAll('*', name)].join(':');
}
