import { objects } from '../../core/contract/objects.ts';
import type { ExecutionInput } from '../../core/contract/execution-input.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import type { Services } from '../../core/ports/services.ts';
import { executeWorkflow, type LocalRunResult } from '../../local/run-workflow.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { handlers } from '../../local/handlers.ts';
import { auditableAccount, HUB, type VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();

/** Runs the workflow as it is deployed with the setting securityHub. @param hub by ID: the state of each finding in Security Hub */
async function runWithHub(
  audit: VirtualAudit,
  hub: Map<string, string>,
  input: ExecutionInput,
): Promise<LocalRunResult> {
  const services: Services = {
    ...audit.services(),
    region: 'eu-west-1',
    findingImporter: {
      importFindings: (findings) => {
        for (const { Id, RecordState } of findings) hub.set(String(Id), String(RecordState));
        return Promise.resolve([]);
      },
    },
  };
  const { clock, random, store } = services;
  const name = `run-${clock.now()}`;
  return executeWorkflow(
    { name, id: `arn:aws:states:eu-west-1:${HUB}:execution:IamAudit:${name}`, input, securityHub: true },
    {
      clock,
      random,
      invoke: (handler, payload) => {
        const deadline = clock.now() + 900_000;
        const context = { getRemainingTimeInMillis: () => deadline - clock.now(), memoryLimitInMB: '512' };
        return handlers[handler](() => services)(payload, context);
      },
      publish: () => Promise.resolve(),
      putEvents: () => Promise.resolve(),
      readLines: (_bucket, key) => store.readLines(key),
    },
  );
}

const archived = (hub: ReadonlyMap<string, string>): string[] =>
  [...hub].flatMap(([id, state]) => (state === 'ARCHIVED' ? [id] : [])).sort();
const others = (hub: ReadonlyMap<string, string>, ids: readonly string[]): [string, string][] =>
  [...hub].filter(([id]) => !ids.includes(id));

test('findings are imported and archived when they are resolved; a run of some principals archives no others', async () => {
  const account = auditableAccount(HUB, 9);
  const audit = await start({ accounts: [account] });
  const hub = new Map<string, string>();
  const first = await runWithHub(audit, hub, {});
  expect(first).toMatchObject({ status: 'SUCCEEDED', output: { undelivered: [] } });
  const run = (await audit.json(objects.run(first.runId))) as RunSummary;
  expect(run.securityHub).toEqual({ imported: hub.size, refused: 0, ofOtherAccounts: 0 });
  // The cost has the states that import the findings.
  expect(run.cost.stepFunctions).toBeCloseTo(first.transitions * 2.5e-5, 6);
  expect(hub.size).toBeGreaterThan(5);
  expect(archived(hub)).toEqual([]);

  // Two users are deleted. A run of only one of them knows nothing about the other.
  const lines = (await audit.store.read(objects.findings(first.runId)))!.text.trim().split('\n');
  const idsOf = (name: string): string[] =>
    lines
      .map((line) => JSON.parse(line) as { id: string; rule: string; principalArn: string })
      .filter(({ principalArn }) => principalArn.endsWith(`:user/${name}`))
      .map(({ id, rule }) => `iam-audit/${HUB}/${rule}/${id}`);
  const [one, two] = [...account.users.keys()].filter((name) => idsOf(name).length > 0);
  account.users.delete(one!);
  account.users.delete(two!);
  await audit.clock.sleep(86_400_000);
  const before = new Map(hub);
  const limited = await runWithHub(audit, hub, { principals: [`arn:aws:iam::${HUB}:user/${one!}`] });
  expect(limited.status).toBe('SUCCEEDED');
  expect(archived(hub)).toEqual(idsOf(one!).sort());
  // All others are as they were.
  expect(others(hub, idsOf(one!))).toEqual(others(before, idsOf(one!)));

  await audit.clock.sleep(86_400_000);
  await runWithHub(audit, hub, {});
  expect(archived(hub)).toEqual(expect.arrayContaining([...idsOf(one!), ...idsOf(two!)]));
});

test('a run on one machine imports nothing', async () => {
  const audit = await start({ accounts: [auditableAccount(HUB, 3)] });
  await audit.run({});
  expect(audit.events.some(({ path }) => path.includes('ImportFindings'))).toBe(false);
  expect((await audit.lastRun()).securityHub).toBeUndefined();
});
