import {
  administratorPaths,
  deny,
  everything,
  iam,
  roleOf,
  userOf,
  type Json,
} from '../../support/administrator-paths.ts';
import { allow, document, inline, trustOf } from '../../support/policy-documents.ts';

const CLOUDFORMATION = 'cloudformation.amazonaws.com';
const when = (condition: Json): Json => ({ Condition: condition });
const via = (service = CLOUDFORMATION): Json => when({ 'ForAnyValue:StringEquals': { 'aws:CalledVia': [service] } });
const stacks = allow('cloudformation:CreateStack');

/** The paths of a user whose IAM actions are allowed under a condition. */
const paths = (...statements: readonly Json[]) =>
  administratorPaths({ users: [userOf('dev', { inline: inline(...statements) })] });
const puts = (condition: Json): Json => allow('iam:PutUserPolicy', `${iam}user/dev`, condition);

const found = ['certain, iam-007 user/dev'];

describe('an action that is allowed to CloudFormation only, for a principal that creates stacks', () => {
  test.each<[string, Json]>([
    ['aws:CalledVia', via()],
    [
      'aws:CalledVia of a list',
      when({ 'ForAnyValue:StringEquals': { 'aws:CalledVia': ['x.amazonaws.com', CLOUDFORMATION] } }),
    ],
    ['aws:CalledViaFirst', when({ StringEquals: { 'aws:CalledViaFirst': CLOUDFORMATION } })],
    ['aws:CalledViaLast', when({ StringEquals: { 'aws:CalledViaLast': CLOUDFORMATION } })],
    ['aws:ViaAWSService', when({ Bool: { 'aws:ViaAWSService': 'true' } })],
    ['the presence of the key', when({ Null: { 'aws:CalledVia': 'false' } })],
  ])('%s', async (_name, condition) => {
    expect(await paths(puts(condition), stacks)).toEqual(found);
    expect(await paths(puts(condition))).toEqual([]);
  });

  test('by a change set, or by a stack that exists already', async () => {
    const sets = ['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'];
    expect(await paths(puts(via()), allow(sets))).toEqual(found);
    expect(await paths(puts(via()), allow(sets[0]))).toEqual([]);
    expect(await paths(puts(via()), allow('cloudformation:UpdateStack'))).toEqual(['possible, iam-007 user/dev']);
  });

  test('a Deny of requests that no service sends', async () => {
    const denial = deny('iam:*', when({ Bool: { 'aws:ViaAWSService': 'false' } }));
    expect(await paths(allow('iam:PutUserPolicy'), denial, stacks)).toEqual(found);
    expect(await paths(allow('iam:PutUserPolicy'), denial)).toEqual([]);
  });

  test('not for another service, other stacks, an action that no stack needs, or under another Deny', async () => {
    expect(await paths(puts(via('athena.amazonaws.com')), stacks)).toEqual([]);
    expect(
      await paths(puts(via()), allow('cloudformation:CreateStack', 'arn:aws:cloudformation:*:999988887777:*')),
    ).toEqual([]);
    expect(await paths(allow('iam:UpdateLoginProfile', '*', via()), stacks)).toEqual([]);
    expect(await paths(puts(via()), stacks, deny('cloudformation:*'))).toEqual([]);
    expect(await paths(puts(via()), stacks, deny('iam:PutUserPolicy', via()))).toEqual([]);
  });

  test('within the boundary', async () => {
    const policies = [{ name: 'limit', doc: document(allow(['cloudformation:*', 'sqs:*'])) }];
    const users = [userOf('dev', { inline: inline(puts(via()), stacks), boundary: `${iam}policy/limit` })];
    expect(await administratorPaths({ users, policies })).toEqual([]);
  });

  test('a policy is attached only if the stack may create it', async () => {
    const attaches = (...more: string[]): Json => allow(['iam:AttachUserPolicy', ...more], '*', via());
    expect(await paths(attaches('iam:CreatePolicy'), stacks)).toEqual(['certain, iam-008 user/dev']);
    expect(await paths(attaches(), stacks)).toEqual([]);
  });
});

describe('a role that CloudFormation only may pass', () => {
  const roles = [roleOf('fn', trustOf({ Service: 'lambda.amazonaws.com' }), { inline: everything })];
  const runs = allow(['lambda:CreateFunction', 'lambda:InvokeFunction']);
  const passing = (...statements: readonly Json[]) =>
    administratorPaths({ users: [userOf('dev', { inline: inline(...statements) })], roles });

  test('is passed to a function of a stack', async () => {
    expect(await passing(allow('iam:PassRole', '*', via()), runs, stacks)).toEqual(['certain, lambda-001 role/fn']);
    expect(await passing(allow('iam:PassRole', '*', via()), runs)).toEqual([]);
    expect(await passing(allow('iam:PassRole', '*', via()), stacks)).toEqual([]);
  });
});
