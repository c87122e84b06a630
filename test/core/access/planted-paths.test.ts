import { escalationPaths } from '../../../core/access/paths/escalation-paths.ts';
import { plantedAccount } from '../../support/planted-account.ts';
import { scanned } from '../../support/scanned-case.ts';

/** By the principal's name: the ids of the paths in its finding. */
async function plantedFindings() {
  const { findings } = await scanned(plantedAccount(['denied', 'elsewhere', 'impossible']));
  const paths = new Map<string, string[]>();
  const counts = new Map<string, number>();
  for (const { principalArn, rule, evidence } of findings) {
    const name = principalArn.split('/').at(-1) ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (rule !== 'escalation-path') continue;
    const all = evidence['paths'] as { steps: { technique: string }[] }[];
    paths.set(
      name,
      all.map(({ steps }) => steps[0]?.technique ?? ''),
    );
  }
  return { paths, counts };
}

const planted = plantedFindings();
const isPart = (id: string, of: readonly string[]): boolean =>
  escalationPaths.some((path) => path.id === id && path.actions.every((action) => of.includes(action)));

test.each(escalationPaths.map((path) => [path.id, path] as const))(
  '%s: found where it is planted',
  async (id, path) => {
    const { paths } = await planted;
    const found = paths.get(`p-${id}`) ?? [];
    // If a part of a path leads as far, only the part is reported.
    expect(found.filter((one) => isPart(one, path.actions))).not.toEqual([]);
    expect(found.filter((one) => !isPart(one, path.actions))).toEqual([]);
  },
);

test('no harmless twin is accused of a path', async () => {
  const { paths } = await planted;
  expect([...paths.keys()].filter((name) => /^(denied|elsewhere|impossible)-/.test(name))).toEqual([]);
});

test('no principal has more than three findings', async () => {
  const { counts } = await planted;
  expect([...counts].filter(([, count]) => count > 3)).toEqual([]);
});
