import { eventTypes } from '../../core/contract/events.ts';
import { objects } from '../../core/contract/objects.ts';
import { executeWorkflow, type WorkflowEnvironment } from '../../local/run-workflow.ts';
import type { PublishedEvent, PublishedMessage } from '../../local/state-machine/task.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { expectSchema } from '../support/json-schemas.ts';
import { auditableAccount, HUB } from '../support/virtual-audit.ts';
import { runDefinition } from '../support/run-definition.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();

test('a run publishes an event about itself and one for each new critical finding; the next run only about itself', async () => {
  const account = auditableAccount(HUB, 7);
  account.root.accessKeyActive = true;
  account.root.mfaActive = false;
  const audit = await start({ accounts: [account] });
  await audit.run({});
  const [ended, ...others] = audit.published;
  expect(ended).toMatchObject({ Source: 'iam-audit', DetailType: eventTypes.runEnded });
  expectSchema('run-ended-event', ended!.Detail);
  expect(others.length).toBeGreaterThan(0);
  expect(ended!.Detail.findingEvents).toBe(others.length);
  for (const { DetailType, Detail } of others) {
    expect(DetailType).toBe(eventTypes.newCriticalFinding);
    expectSchema('new-critical-finding-event', Detail);
  }
  const first = await audit.lastRun();
  const findings = (await audit.store.read(objects.findings(first.runId)))!.text.trim().split('\n');
  const critical = findings
    .map((line) => JSON.parse(line) as { id: string; severity: string })
    .filter(({ severity }) => severity === 'critical');
  expect(others.map(({ Detail }) => (Detail.finding as { id: string }).id).sort()).toEqual(
    critical.map(({ id }) => id).sort(),
  );
  expect(audit.messages).toHaveLength(1);
  expect(audit.messages[0]!.Message).toContain('NEW: ');

  audit.published.length = 0;
  await audit.clock.sleep(86_400_000);
  await audit.run({});
  expect(audit.published.map(({ DetailType }) => DetailType)).toEqual([eventTypes.runEnded]);
  // Nothing is new, so nobody gets a message.
  expect(audit.messages).toHaveLength(1);
});

const EXECUTION = `arn:aws:states:us-east-1:${HUB}:execution:IamAudit:run`;

/** Runs the workflow with functions that return fixed results, and with these services. */
async function deliver(
  services: Partial<Pick<WorkflowEnvironment, 'publish' | 'putEvents'>>,
  status: 'COMPLETE' | 'FAILED' = 'COMPLETE',
  imports: ((payload: unknown) => Promise<unknown>) | null = null,
) {
  const clock = new VirtualClock(0);
  const messages: PublishedMessage[] = [];
  const entered: string[] = [];
  const runId = '19700101T000000Z-abcdef';
  const entry = { Source: 'iam-audit', DetailType: eventTypes.runEnded, Detail: { runId } };
  const result = await executeWorkflow(
    { name: 'run', id: EXECUTION, input: {}, securityHub: imports !== null },
    {
      clock,
      random: () => 0.5,
      readLines: async function* () {
        yield* [];
      },
      invoke: (handler, payload) => {
        if (handler === 'import-findings' && imports !== null) return imports(payload);
        return Promise.resolve(
          handler === 'plan-run'
            ? {
                decision: 'AUDIT',
                runId,
                accountsKey: 'k',
                accounts: 0,
                accountsAtOnce: 1,
                request: null,
                ofOrganization: false,
                waitUntil: null,
                refusal: null,
              }
            : {
                runId,
                status,
                notification: { subject: 'IAM audit', message: 'Text' },
                events: [{ Entries: [entry] }, { Entries: [entry, entry] }],
                throttled: null,
              },
        );
      },
      publish: (message) => {
        messages.push(message);
        return Promise.resolve();
      },
      putEvents: () => Promise.resolve(),
      onEvent: ({ kind, path }) => {
        if (kind === 'entered') entered.push(path);
      },
      ...services,
    },
  );
  return { result, messages, entered };
}

class Refused extends Error {
  override name = 'EventBridge.FailedEntry';
}

test('events that can’t be published do not change the result of the run; message, output and log tell it', async () => {
  const published: (readonly PublishedEvent[])[] = [];
  const { result, messages, entered } = await deliver({
    putEvents: (entries) => {
      if (entries.length === 1) return Promise.reject(new Refused('AccessDenied for the bus'));
      published.push(entries);
      return Promise.resolve();
    },
  });
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      status: 'COMPLETE',
      undelivered: [
        { code: 'EventBridge.FailedEntry', message: expect.stringContaining('AccessDenied for the bus') as string },
      ],
    },
  });
  // The other batch is published.
  expect(published.map((entries) => entries.length)).toEqual([2]);
  expect(messages[0]!.Message).toBe(
    'Text\n\nThe events about this run could not be published: EventBridge.FailedEntry',
  );
  expect(entered.filter((path) => path.endsWith('NotDelivered'))).toEqual(['PublishEvents/EventsNotDelivered']);
});

test('a message that can’t be sent does not change the result of the run; output and log tell it', async () => {
  let attempts = 0;
  const { result, entered } = await deliver({
    publish: () => {
      attempts += 1;
      return Promise.reject(new Error('AuthorizationError'));
    },
  });
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: { status: 'COMPLETE', undelivered: [{ code: 'Error' }] },
  });
  expect(attempts).toBe(5);
  expect(entered.filter((path) => path.endsWith('NotDelivered'))).toEqual(['MessageNotDelivered']);
});

describe('with the setting securityHub', () => {
  const finished = {
    status: 'FINISHED',
    progress: null,
    addition: '\n\nSecurity Hub: 3 findings imported.',
    problem: null,
  };

  test('the findings are imported in as many invocations as needed, before the events and the message', async () => {
    const progress = { next: 100, counts: { imported: 100, refused: 0, ofOtherAccounts: 0 } };
    const payloads: unknown[] = [];
    const { result, messages, entered } = await deliver({}, 'COMPLETE', (payload) => {
      payloads.push(payload);
      const unfinished = { status: 'UNFINISHED', progress, addition: '', problem: null };
      return Promise.resolve(payloads.length < 3 ? unfinished : finished);
    });
    const input = { runId: '19700101T000000Z-abcdef', accountId: HUB };
    expect(payloads).toEqual([
      { ...input, progress: null },
      { ...input, progress },
      { ...input, progress },
    ]);
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { status: 'COMPLETE', undelivered: [] } });
    expect(messages[0]!.Message).toBe('Text\n\nSecurity Hub: 3 findings imported.');
    expect(entered.filter((path) => /Findings/.test(path))).toHaveLength(6);
    expect(entered.lastIndexOf('MoreFindings')).toBeLessThan(entered.indexOf('PublishEvents'));
  });

  test.each<['COMPLETE' | 'FAILED', string]>([
    ['COMPLETE', 'SUCCEEDED'],
    ['FAILED', 'FAILED'],
  ])(
    'an import that fails does not change the result of a %s run; message, output and log tell it',
    async (status, ended) => {
      const denied = Object.assign(new Error('not authorized to perform: securityhub:BatchImportFindings'), {
        name: 'AccessDenied',
      });
      const { result, messages, entered } = await deliver({}, status, () => Promise.reject(denied));
      expect(result.status).toBe(ended);
      if (status === 'COMPLETE') {
        expect(result).toMatchObject({
          output: {
            status,
            undelivered: [{ code: 'AccessDenied', message: expect.stringContaining('BatchImportFindings') as string }],
          },
        });
      }
      expect(messages[0]!.Message).toBe(
        'Text\n\nNot all findings of this run were imported into Security Hub: AccessDenied',
      );
      expect(entered.filter((path) => path.endsWith('NotDelivered'))).toEqual(['FindingsNotDelivered']);
    },
  );

  test('a throttled Security Hub is asked again, and the import continues', async () => {
    let invocations = 0;
    const { result, entered } = await deliver({}, 'COMPLETE', () => {
      invocations += 1;
      if (invocations < 3) return Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'LimitExceeded' }));
      return Promise.resolve(finished);
    });
    expect(result).toMatchObject({ output: { undelivered: [] } });
    expect(entered.filter((path) => path.endsWith('NotDelivered'))).toEqual([]);
  });

  test('findings that are refused and events that can’t be published are both told', async () => {
    const problem = { code: 'InvalidInput', message: '1 of 4 findings were refused.' };
    const { result, messages, entered } = await deliver(
      { putEvents: () => Promise.reject(new Refused('AccessDenied for the bus')) },
      'COMPLETE',
      () => Promise.resolve({ ...finished, problem }),
    );
    expect(result).toMatchObject({
      output: { undelivered: [problem, { code: 'EventBridge.FailedEntry' }, { code: 'EventBridge.FailedEntry' }] },
    });
    expect(messages[0]!.Message).toBe(
      'Text\n\nSecurity Hub: 3 findings imported.\n\nNot all findings of this run were imported into Security Hub: InvalidInput' +
        '\n\nThe events about this run could not be published: EventBridge.FailedEntry',
    );
    expect(entered.filter((path) => path.endsWith('NotDelivered'))).toHaveLength(3);
  });
});

test('a FAILED run is still a failed execution after its messages', async () => {
  const { result, messages } = await deliver({}, 'FAILED');
  expect(result).toMatchObject({ status: 'FAILED', error: 'RunFailed' });
  expect(messages).toHaveLength(1);
});

const entry = { Source: 'iam-audit', DetailType: 't', Detail: {} };
test.each<[string, unknown[], string]>([
  ['no entry', [], 'must have 1 to 10 entries'],
  ['eleven entries', Array.from({ length: 11 }, () => entry), 'must have 1 to 10 entries'],
  ['more than 256 KB', [{ ...entry, Detail: { text: 'x'.repeat(256 * 1024 - 100) } }], ''],
  ['a source of AWS', [{ ...entry, Source: 'aws.iam' }], 'must not begin with "aws."'],
  ['a detail that is text', [{ ...entry, Detail: 'text' }], 'Expected Object'],
])('the interpreter’s EventBridge refuses %s', async (_name, entries, message) => {
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'P',
    States: {
      P: { Type: 'Task', Resource: 'arn:aws:states:::events:putEvents', Arguments: { Entries: entries }, End: true },
    },
  };
  const put: unknown[] = [];
  const result = await runDefinition(definition, {}, { putEvents: (events) => Promise.resolve(void put.push(events)) });
  if (message === '') expect(result.status).toBe('SUCCEEDED');
  else {
    expect(result.status).toBe('FAILED');
    expect(JSON.stringify(result)).toContain(message.replaceAll('"', '\\"'));
    expect(put).toEqual([]);
  }
});
