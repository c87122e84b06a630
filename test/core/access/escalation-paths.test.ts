import { escalationPaths } from '../../../core/access/paths/escalation-paths.ts';
import { catalogueActions } from '../../../core/catalogue/actions.ts';
import facts from '../../fixtures/facts/escalation-paths.json';
import leftOut from '../../fixtures/facts/left-out-techniques.json';

const setOf = ({ actions }: { actions: readonly string[] }): string => [...actions].sort().join();

test('the catalogue has every action of every path', () => {
  const asked = new Set(catalogueActions.map(({ action }) => action));
  expect(escalationPaths.flatMap(({ actions }) => actions).filter((action) => !asked.has(action))).toEqual([]);
});

test('no id and no set of actions appears twice, because finding ids depend on the path id', () => {
  expect(new Set(escalationPaths.map(({ id }) => id)).size).toBe(escalationPaths.length);
  expect(new Set(escalationPaths.map(setOf)).size).toBe(escalationPaths.length);
  for (const { id } of escalationPaths) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test('every set of actions in the facts is a path with the same reference', () => {
  const known = new Map(escalationPaths.map((path) => [setOf(path), path.reference]));
  for (const fact of facts) expect(known.get(setOf(fact))).toBe(fact.reference);
});

test('a path includes every service that the facts name for the passed role', () => {
  for (const fact of facts) {
    const path = escalationPaths.find((one) => setOf(one) === setOf(fact));
    expect(path === undefined || !('passedTo' in path) ? [] : path.passedTo).toEqual(
      expect.arrayContaining(fact.passedTo ?? []),
    );
  }
});

test('only paths that create a resource with a role need iam:PassRole', () => {
  for (const { kind, actions } of escalationPaths) {
    expect(actions.includes('iam:PassRole')).toBe(kind === 'new-passrole');
  }
});

test('a technique that was judged and left out has a reason, and is no path', () => {
  const known = new Set(escalationPaths.map(setOf));
  for (const technique of leftOut) {
    expect(technique.reason).toMatch(/^.{20,}\.$/);
    expect(known.has(setOf(technique))).toBe(false);
  }
});
