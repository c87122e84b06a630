import type { AccessPath } from '../../../core/access/graph/access-path.ts';
import { pathAnswer } from '../../../core/who/path-answer.ts';
import { pathsFrom } from '../../../core/who/becoming.ts';
import { allow, inline, trustIn, trustOf } from '../../support/policy-documents.ts';
import { readCase } from '../../support/scanned-case.ts';
import { scannedRun, type ScannedRun } from '../../support/scanned-run.ts';

const A = '111122223301';
const B = '111122223302';
const hub = {
  id: A,
  users: [
    { name: 'starter', inline: inline(allow('sts:AssumeRole', `arn:aws:iam::${B}:role/bridge`)) },
    { name: 'other' },
    { name: 'raiser', inline: inline(allow('iam:PutUserPolicy', `arn:aws:iam::${A}:user/raiser`)) },
  ],
  roles: [
    {
      name: 'quiet',
      trust: trustOf({ Service: 'ec2.amazonaws.com' }),
    },
  ],
};
const member = {
  id: B,
  roles: [
    { name: 'bridge', trust: trustIn(`arn:aws:iam::${A}:user/starter`) },
    { name: 'chief', trust: trustIn(`arn:aws:iam::${B}:role/bridge`), inline: inline(allow('*')) },
  ],
};

const steps = (paths: readonly AccessPath[]): string[] =>
  paths.map(({ hops, certainty }) => [...hops.map(({ target, from }) => (target ?? from).name), certainty].join(' > '));

async function find(run: ScannedRun, from: string, to?: string) {
  const start = await run.access.principal(from);
  const end = to === undefined ? null : await run.access.principal(to);
  if (start === null) throw new Error(`There is no ${from}.`);
  return pathAnswer(run.access, start, end);
}

test('a chain in one account', async () => {
  const { answer, paths } = await find(
    await scannedRun(readCase('chain-of-roles')),
    'arn:aws:iam::111122223305:user/starter',
  );
  expect(steps(paths)).toEqual(['middle > end > certain']);
  expect(answer.paths[0]).toMatchObject({
    steps: [
      {
        from: 'arn:aws:iam::111122223305:user/starter',
        to: 'arn:aws:iam::111122223305:role/middle',
        by: 'sts:AssumeRole',
      },
      {
        to: 'arn:aws:iam::111122223305:role/end',
        by: 'trust',
        grounds: [{ policy: 'trust policy', statement: 'statement 1' }],
      },
    ],
    to: 'arn:aws:iam::111122223305:role/end',
    gain: 'administrator',
    certainty: 'certain',
    missing: [],
  });
});

test('a path leads through roles of other accounts that trust the principal', async () => {
  const run = await scannedRun(hub, member);
  expect(steps((await find(run, `arn:aws:iam::${A}:user/starter`)).paths)).toEqual(['bridge > chief > certain']);
  expect((await find(run, `arn:aws:iam::${A}:user/other`)).paths).toEqual([]);
  const becoming = await pathsFrom(run.access, await run.access.principal(`arn:aws:iam::${A}:user/starter`));
  expect(steps(becoming.paths)).toEqual(['bridge > chief > certain']);
});

test('an external ID is a condition of the path', async () => {
  const condition = { StringEquals: { 'sts:ExternalId': 'x' } };
  const roles = [{ ...member.roles[0], trust: trustIn(`arn:aws:iam::${A}:user/starter`, condition) }, member.roles[1]];
  const { paths } = await find(await scannedRun(hub, { ...member, roles }), `arn:aws:iam::${A}:user/starter`);
  expect(paths.map(({ certainty, keys }) => [certainty, keys])).toEqual([['conditional', ['sts:externalid']]]);
});

test('who makes itself an administrator can then become every principal of its account', async () => {
  const { paths } = await find(await scannedRun(hub), `arn:aws:iam::${A}:user/raiser`, `arn:aws:iam::${A}:role/quiet`);
  expect(steps(paths)[0]).toBe('raiser > quiet > certain');
});

test('an administrator is no path to itself, and reaches the users of its account', async () => {
  const account = { id: A, users: [{ name: 'chief', inline: inline(allow('*')) }, { name: 'other' }] };
  const run = await scannedRun(account);
  expect((await find(run, `arn:aws:iam::${A}:user/chief`)).answer).toMatchObject({ isAdministrator: true, paths: [] });
  expect(steps((await find(run, `arn:aws:iam::${A}:user/chief`, `arn:aws:iam::${A}:user/other`)).paths)[0]).toBe(
    'other > certain',
  );
  expect((await find(run, `arn:aws:iam::${A}:user/other`, `arn:aws:iam::${A}:user/chief`)).paths).toEqual([]);
});
