import { allow, inline, trustOf } from '../../support/policy-documents.ts';
import { findingsAbout, scanned } from '../../support/scanned-case.ts';

const ID = '111122223402';
const actions = ['lambda:CreateFunction', 'lambda:InvokeFunction'];
const inRegion = (region: string) => ({ Condition: { StringLike: { 'aws:RequestedRegion': region } } });
const functions = (region: string): string => `arn:aws:lambda:${region}:*:function:*`;

/** The number of findings about escalation of a user that may pass an administrator role to Lambda. */
async function count(...statements: Parameters<typeof inline>): Promise<number> {
  const result = await scanned({
    id: ID,
    users: [
      { name: 'maker', inline: inline(allow('iam:PassRole', `arn:aws:iam::${ID}:role/boss`), ...statements), la: {} },
    ],
    roles: [
      { name: 'boss', trust: trustOf({ Service: 'lambda.amazonaws.com' }), inline: inline(allow('*')), lastUsed: 2 },
    ],
  });
  return findingsAbout(result, 'maker').filter((one) => one.includes('can become an administrator')).length;
}

test('the Region of the requests is that of the resource', async () => {
  expect(await count(allow(actions, functions('us-east-1'), inRegion('eu-west-1')))).toBe(0);
  expect(await count(allow(actions, functions('eu-west-1'), inRegion('eu-west-1')))).toBe(1);
});

test('several requests for one resource are in one Region', async () => {
  const invoke = (region: string) => allow('lambda:InvokeFunction', functions(region));
  expect(await count(allow('lambda:CreateFunction', '*', inRegion('eu-west-1')), invoke('us-east-1'))).toBe(0);
  expect(await count(allow('lambda:CreateFunction', '*', inRegion('eu-west-1')), invoke('eu-west-1'))).toBe(1);
});

test.each(['eu-*', 'ca-central-1', 'me-south-1'])('a resource of any Region may be in %s', async (region) => {
  expect(await count(allow(actions, '*', inRegion(region)))).toBe(1);
  expect(await count(allow(actions, `arn:aws:lambda:*:*:function:app-*`, inRegion(region)))).toBe(1);
});
