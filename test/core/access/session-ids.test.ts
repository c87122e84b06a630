import { administratorPaths, everything, ID, roleOf, service, type Json } from '../../support/administrator-paths.ts';
import { allow, trustIn } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

/** The unique ID of the role `dev`. */
async function ownId(): Promise<string> {
  const { records } = await scanned({ id: ID, roles: [roleOf('dev', service)] });
  return records[0]?.principalId ?? '';
}

/** The paths of `dev` to a role whose trust policy has this condition. */
const paths = (Condition: Json): Promise<string[]> =>
  administratorPaths({
    dev: [allow('sts:AssumeRole')],
    roles: [roleOf('boss', trustIn('*', Condition), { inline: everything })],
  });

test('the user ID of a session begins with the role’s ID, and ends with a name that is not known', async () => {
  const id = await ownId();
  const open = ['certain, sts-001 role/boss'];
  const perhaps = ['conditional, sts-001 role/boss'];
  expect(await paths({ StringLike: { 'aws:userid': `${id}:*` } })).toEqual(open);
  expect(await paths({ StringLike: { 'aws:userid': `${id.slice(0, 6)}*` } })).toEqual(open);
  expect(await paths({ StringLike: { 'aws:userid': [`AROAOTHER:*`, `${id}:*`] } })).toEqual(open);
  expect(await paths({ StringLike: { 'aws:userid': `${id}:deploy` } })).toEqual(perhaps);
  expect(await paths({ StringEquals: { 'aws:userid': `${id}:deploy` } })).toEqual(perhaps);
  expect(await paths({ StringLike: { 'aws:userid': '*:deploy' } })).toEqual(perhaps);
  expect(await paths({ StringLike: { 'aws:userid': 'AROAOTHER:*' } })).toEqual([]);
  expect(await paths({ StringEquals: { 'aws:userid': `${id}:*` } })).toEqual(perhaps);
  expect(await paths({ StringEquals: { 'aws:userid': id } })).toEqual([]);
  expect(await paths({ StringNotLike: { 'aws:userid': 'AROAOTHER:*' } })).toEqual(open);
  expect(await paths({ StringNotLike: { 'aws:userid': `${id}:*` } })).toEqual([]);
  expect(await paths({ Null: { 'aws:userid': 'true' } })).toEqual([]);
});
