import { measure } from '../../../bench/doctor/measure.ts';
import { readOptions, UsageError } from '../../../bench/doctor/options.ts';
import { allScenarios } from '../../../bench/doctor/scenarios/all-scenarios.ts';
import { World } from '../../../bench/doctor/world/world.ts';
import { currentRecords } from '../../../local/emulated-aws/cloudtrail/records.ts';

test('every scenario has its own name, and its truth names callers that act in it', () => {
  expect(new Set(allScenarios.map(({ name }) => name)).size).toBe(allScenarios.length);
  for (const { name, build } of allScenarios) {
    const world = new World({ seed: 1, minutes: 1, records: currentRecords });
    const { found = {}, either = {} } = build(world);
    const named = [...Object.values(found), ...Object.values(either)].flat();
    expect([name, named.filter((caller) => !/^arn:aws:iam::\d{12}:(role|user)\//.test(caller))]).toEqual([name, []]);
  }
});

test.each([
  ['two-habits-of-one', 7],
  ['people-by-number-one-hour', 7],
  ['loop-of-100-ms', 7],
  ['empty', 7],
  // A caller of few calls, and new calls of a client that has stopped retrying, about one a second.
  ['several-without-backoff', 903],
  ['sessions-use-up-sts', 1_002],
])('%s with seed %i is answered without a mistake', async (name, seed) => {
  const { judgements } = await measure(
    allScenarios.find((scenario) => scenario.name === name)!,
    seed,
  );
  for (const { question, misses, falsePositives, lacksEvidence } of judgements) {
    expect({ question, misses, falsePositives, lacksEvidence }).toEqual({
      question,
      misses: [],
      falsePositives: [],
      lacksEvidence: false,
    });
  }
});

test('options choose scenarios and seeds, and wrong ones are explained', () => {
  const { scenarios, seeds } = readOptions(['--scenario', 'empty', '--seeds', '2', '--first-seed', '101']);
  expect([scenarios.map(({ name }) => name), seeds]).toEqual([['empty'], [101, 102]]);
  expect(() => readOptions(['--scenario', 'none'])).toThrow(UsageError);
  expect(() => readOptions(['--seeds', '0'])).toThrow('--seeds must be a whole number above 0, but it is "0".');
});
