import { SearchWork } from '../../../core/access/search-work.ts';
import { searchLimitInWords, searchLimits } from '../../../core/findings/search-limit.ts';
import { account, deny, everything, iam, ID, roleOf, userOf, type Json } from '../../support/administrator-paths.ts';
import { allow, inline, trustOf } from '../../support/policy-documents.ts';
import { findingsAbout, scanned } from '../../support/scanned-case.ts';

const root = { AWS: `${iam}root` };
const ownTags = allow('iam:TagUser', `${iam}user/\${aws:username}`);

/** Users that may set any tag of themselves, and roles that each trust another tag. */
const teams = (count: number): { readonly users: Json[]; readonly roles: Json[] } => ({
  users: Array.from({ length: count }, (_, n) =>
    userOf(`u${n}`, {
      inline: inline(ownTags, allow('sts:AssumeRole'), deny('s3:*', { Resource: `arn:aws:s3:::${n}` })),
    }),
  ),
  roles: Array.from({ length: 20 }, (_, n) =>
    roleOf(
      `r${n}`,
      trustOf(root, 'sts:AssumeRole', { Condition: { StringEquals: { 'aws:PrincipalTag/team': `t${n}` } } }),
    ),
  ),
});

test('a share that is used up ends the search of one principal, and the others get what is left', () => {
  const work = new SearchWork(2);
  const use = (evaluations: number): number =>
    work.withShare(false, ({ goesOn }) => {
      let used = 0;
      for (; used < evaluations && goesOn(); used += 1) work.count();
      return used;
    });
  expect(use(10)).toBe(10);
  expect(work.isIncomplete).toBe(false);
  const rest = use(Infinity);
  expect(rest).toBeGreaterThan(100_000);
  expect(work.isIncomplete).toBe(true);
  // Nothing is left for a changed principal.
  expect(work.withShare(true, ({ goesOn }) => goesOn())).toBe(false);
});

test('an account with few changes is searched as a whole', async () => {
  const { graph, findings } = await scanned({ id: ID, ...teams(3) });
  expect([searchLimits(graph), searchLimitInWords(graph), findings.length > 0]).toEqual([[], null, true]);
});

test('an account with more changes than are followed says that paths may be missing, the same each time', async () => {
  const { users, roles } = teams(40);
  const boss = roleOf('boss', account, { inline: everything });
  const given = { id: ID, users, roles: [...roles, boss] };
  const [first, second] = [await scanned(given), await scanned(given)];
  expect(searchLimits(first.graph)).toEqual([
    {
      step: 'paths',
      code: 'SearchLimited',
      message: expect.stringContaining('paths with such changes may be missing') as string,
      principals: 61,
    },
  ]);
  expect(searchLimitInWords(first.graph)).toMatch(/^Account 111122223396: /);
  expect(findingsAbout(first)).toEqual(findingsAbout(second));
  // What needs no change is found for each of them.
  const found = first.findings.filter(({ rule }) => rule === 'escalation-path');
  expect(found.map(({ principalArn }) => principalArn).sort()).toEqual(
    users.map(({ name }) => `${iam}user/${String(name)}`).sort(),
  );
});
