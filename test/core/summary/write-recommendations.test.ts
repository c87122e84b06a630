import { objects } from '../../../core/contract/objects.ts';
import type { PolicyLine } from '../../../core/contract/policies.ts';
import type { Recommendation, RecommendationLine } from '../../../core/contract/recommendation.ts';
import { writeRecommendations } from '../../../core/summary/write-recommendations.ts';
import { CountedStore } from '../../../core/ports/store-requests.ts';
import { FolderStore } from '../../../local/folder-store.ts';
import { principalRecord } from '../../support/principal-record.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const where = { runId: '20261125T040000Z-aaaaaa', accountId: '111122223333' };
const NOW = Date.parse('2026-11-25T04:00:00.000Z');
const settings = { graceDays: 30, unusedAfterDays: 90 };
const services = { kms: '2026-11-20T00:00:00.000Z', sqs: null };
const SHARED = 'arn:aws:iam::aws:policy/Shared';

let folder = '';
beforeEach(() => {
  folder = temporaryFolder('recommendations');
});

const document = (Action: string[], Resource: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] });
const principal = (arn: string, inline: { name: string; document: string }[]): PolicyLine => ({
  kind: 'principal',
  arn,
  inline,
  attached: [SHARED],
  groups: [],
  boundary: null,
  trust: null,
  instanceProfiles: null,
});

test('each of many principals gets a narrower policy, in passes over a limited number of principals', async () => {
  const store = new FolderStore({ folder });
  const roles = Array.from({ length: 1_050 }, (_, n) => principalRecord({ name: `r${n}`, services }));
  const late = principalRecord({ name: 'late', services });
  const broken = principalRecord({ name: 'broken', services });
  const content = principalRecord({ name: 'content', services: { kms: services.kms } });
  const records = [late, broken, content, ...roles].map((record) => JSON.stringify(record));
  await store.writeLines(objects.principals(where.runId, where.accountId), records.reverse());
  const lines: PolicyLine[] = [
    { kind: 'managed', arn: SHARED, document: document(['sqs:*'], '*'), otherVersions: null },
    ...roles.map(({ arn, name }) => principal(arn, [{ name: 'own', document: document(['kms:*'], name) }])),
    principal(content.arn, []),
    principal(broken.arn, [{ name: 'own', document: '{' }]),
  ];
  await store.writeLines(
    objects.policies(where.runId, where.accountId),
    lines.map((line) => JSON.stringify(line)),
  );
  const counted = new CountedStore(store);
  expect(await writeRecommendations(counted, where, settings, NOW)).toEqual({
    written: 1_050,
    refused: 2,
    puts: 1_051,
  });
  // One pass over the records, two over the policies.
  expect(counted.requests).toEqual({ puts: 1_051, gets: 4 });

  for (const { name } of [roles[0]!, roles[1_049]!]) {
    const stored = await store.read(objects.recommendation(where.runId, where.accountId, 'role', name));
    expect(JSON.parse(stored!.text) as Recommendation).toMatchObject({
      replaces: [
        { kind: 'inline', name: 'own', group: null },
        { kind: 'managed', name: SHARED, group: null },
      ],
      policy: { Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: name }] },
    });
  }
  const index: RecommendationLine[] = [];
  for await (const line of store.readLines(objects.recommendations(where.runId, where.accountId))) {
    index.push(JSON.parse(line) as RecommendationLine);
  }
  expect(index).toHaveLength(1_052);
  expect(index.filter(({ key }) => key === null)).toEqual([
    {
      principalArn: broken.arn,
      key: null,
      problem: { code: 'UnreadablePolicy', message: expect.any(String) as string },
    },
    { principalArn: late.arn, key: null, problem: { code: 'NoPolicies', message: expect.any(String) as string } },
  ]);
});

test('a run without stored policies writes no recommendations and no index', async () => {
  const store = new FolderStore({ folder });
  expect(await writeRecommendations(store, where, settings, NOW)).toEqual({ written: 0, refused: 0, puts: 0 });
  expect(await store.exists(objects.recommendations(where.runId, where.accountId))).toBe(false);
});
