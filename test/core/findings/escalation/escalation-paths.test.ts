import { escalationPaths } from '../../../../core/findings/escalation/escalation-paths.ts';
import { catalogueActions } from '../../../../core/catalogue/actions.ts';
import facts from '../../../fixtures/facts/escalation-paths.json';

const setOf = ({ actions }: { actions: readonly string[] }): string => [...actions].sort().join();

test('every action of every path is one that principals are asked about', () => {
  const asked = new Set(catalogueActions.map(({ action }) => action));
  expect(escalationPaths.flatMap(({ actions }) => actions).filter((action) => !asked.has(action))).toEqual([]);
});

test('no id and no set of actions stands twice, because findings are told apart by them', () => {
  expect(new Set(escalationPaths.map(({ id }) => id)).size).toBe(escalationPaths.length);
  expect(new Set(escalationPaths.map(setOf)).size).toBe(escalationPaths.length);
  for (const { id } of escalationPaths) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test('every set of the facts is one, with the reference that it is from', () => {
  const known = new Map(escalationPaths.map((path) => [setOf(path), path.reference]));
  for (const fact of facts) expect(known.get(setOf(fact))).toBe(fact.reference);
});

test('services to which a fact says that a role is passed are among those that the path looks for', () => {
  for (const fact of facts) {
    const path = escalationPaths.find((one) => setOf(one) === setOf(fact));
    expect(path === undefined || !('passedTo' in path) ? [] : path.passedTo).toEqual(
      expect.arrayContaining(fact.passedTo ?? []),
    );
  }
});

test('a path by which a new thing is given a role needs to pass it, and no other kind does', () => {
  for (const { kind, actions } of escalationPaths) {
    expect(actions.includes('iam:PassRole')).toBe(kind === 'new-passrole');
  }
});
