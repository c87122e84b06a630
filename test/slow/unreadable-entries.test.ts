import type { HttpHandler } from '@smithy/core/protocols';
import { SdkAccountAccess } from '../../aws/account-access.ts';
import { exitCodeOf } from '../../cli/run-outcome.ts';
import type { Finding } from '../../core/contract/finding.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { summariseInWords } from '../../core/report/summary.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { inProcess } from '../../local/emulated-aws/in-process.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
let audit: VirtualAudit;
afterEach(() => audit.close());

/** Changes the text of an answer of AWS about the account's entries. */
type Rewrite = (text: string) => string;

/** Replaces the first element of this name after the entry's ARN, and that of an entry of one page only. */
const inEntry =
  (arn: string, element: RegExp, replacement: string): Rewrite =>
  (text) => {
    const at = text.indexOf(`<Arn>${arn}</Arn>`);
    if (at < 0) return text;
    const start = text.lastIndexOf('<member>', at);
    return text.slice(0, start) + text.slice(start).replace(element, replacement);
  };

/** @param isRewritten whether the n-th answer about entries is rewritten, counted from 0 */
function withAnswers(rewrite: Rewrite, isRewritten: (n: number) => boolean = () => true): void {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let answers = 0;
  audit.changeAccess = () => {
    const { clock, aws } = audit;
    const credentials = aws.emulation.issueUser(HUB, OPERATOR);
    const wire = inProcess(aws.emulation, clock);
    const transport: HttpHandler = {
      handle: async (request, options) => {
        const answer = await wire.transport.handle(request, options);
        const { response } = answer as { response: { body: Uint8Array } };
        const text = decoder.decode(response.body);
        if (!text.includes('<GetAccountAuthorizationDetailsResult>')) return answer;
        answers += 1;
        if (isRewritten(answers - 1)) response.body = encoder.encode(rewrite(text));
        return answer;
      },
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    };
    return new SdkAccountAccess(
      {
        credentials: () => Promise.resolve(credentials),
        memberRole: { roleName: AUDIT_ROLE, externalId: null },
        region: 'us-east-1',
        endpoint: 'http://emulated.invalid',
        onWire: wire.onWire,
        transport,
      },
      clock,
    );
  };
}

const findings = async (runId: string): Promise<Finding[]> => {
  const all: Finding[] = [];
  for await (const line of audit.store.readLines(objects.findings(runId))) all.push(JSON.parse(line) as Finding);
  return all;
};

/** The account has an administrator, so that it has a finding that must not be resolved. */
function accountWithAdmin(): { account: EmulatedAccount; arn: string } {
  const account = auditableAccount(HUB, 9);
  const role = [...account.roles.values()].find(({ name }) => name !== AUDIT_ROLE)!;
  role.inlinePolicies = [{ name: 'all', document: policy(allow('*')) }];
  return { account, arn: role.arn };
}

interface Days {
  readonly before: RunSummary;
  readonly after: RunSummary;
  readonly arn: string;
}

async function secondDay(rewriteOf: (arn: string) => Rewrite, isRewritten?: (n: number) => boolean): Promise<Days> {
  const { account, arn } = accountWithAdmin();
  audit = await VirtualAudit.start({ accounts: [account] });
  await audit.run({ accountIds: [HUB] });
  const before = await audit.lastRun();
  withAnswers(rewriteOf(arn), isRewritten);
  await audit.clock.sleep(START + DAY_MS - audit.clock.now());
  await audit.run({ accountIds: [HUB], full: true });
  return { before, after: await audit.lastRun(), arn };
}

const createDate = /<CreateDate>[^<]*/;

test.each<[string, RegExp, string, string]>([
  ['a bad date', createDate, '<CreateDate>yesterday', 'UnexpectedResponse'],
  ['a missing field', /<Path>[^<]*<\/Path>/, '', 'IncompleteResponse'],
  [
    'a missing list',
    /<InstanceProfileList>.*?<\/InstanceProfileList>|<InstanceProfileList\/>/,
    '',
    'IncompleteResponse',
  ],
  ['a field of another type', /<RoleId>[^<]*/, '<RoleId><x>1</x>', 'UnexpectedResponse'],
])(
  'a role with %s, day after day, costs only this role: it is named, and its findings stay',
  async (_n, element, text, code) => {
    const { before, after, arn } = await secondDay((role) => inEntry(role, element, text));
    expect(before).toMatchObject({ status: 'COMPLETE', principals: { total: 10, complete: 10 } });
    expect(after).toMatchObject({ status: 'PARTIAL', principals: { total: 9, complete: 9 } });
    expect(after.accounts).toMatchObject([{ status: 'PARTIAL', error: { code } }]);
    expect(after.accounts[0]!.error!.message).toContain(arn);
    expect(summariseInWords(after).join('\n')).toContain(`can't be read, so nothing is known about them: ${arn}.`);
    expect(exitCodeOf(after)).toBe(3);

    const [earlier, now] = [await findings(before.runId), await findings(after.runId)];
    const ofRole = (all: readonly Finding[]): string[] =>
      all.filter(({ principalArn }) => principalArn === arn).map(({ id }) => id);
    expect(ofRole(earlier).length).toBeGreaterThan(0);
    expect(ofRole(now).sort()).toEqual(ofRole(earlier).sort());
    expect(now.filter(({ principalArn, state }) => principalArn === arn && state === 'resolved')).toEqual([]);
  },
);

test('if the ARN can not be read either, no finding of a principal that is missing is resolved', async () => {
  const { before, after } = await secondDay((role) => inEntry(role, /<Arn>[^<]*/, '<Arn><x>1</x>'));
  expect(after).toMatchObject({ status: 'PARTIAL', principals: { total: 9 } });
  expect(after.accounts[0]!.error!.message).toContain("a role whose ARN can't be read");
  expect((await findings(after.runId)).filter(({ state }) => state === 'resolved')).toEqual([]);
  expect((await findings(before.runId)).length).toBeGreaterThan(0);
});

test('an entry that can be read in the second answer costs nothing', async () => {
  const { after } = await secondDay(
    (role) => inEntry(role, createDate, '<CreateDate>yesterday'),
    (n) => n === 1,
  );
  expect(after).toMatchObject({ status: 'COMPLETE', principals: { total: 10, complete: 10 } });
});

test('a customer managed policy that can not be read: every principal is audited, and the account is not COMPLETE', async () => {
  const { account } = accountWithAdmin();
  const own = [...account.policies.values()].find(({ arn }) => arn.includes(HUB))!;
  audit = await VirtualAudit.start({ accounts: [account] });
  withAnswers(inEntry(own.arn, /<IsDefaultVersion>[^<]*/, '<IsDefaultVersion><x>1</x>'));
  await audit.run({ accountIds: [HUB] });
  const run = await audit.lastRun();
  expect(run).toMatchObject({ status: 'PARTIAL', principals: { total: 10 }, accounts: [{ status: 'PARTIAL' }] });
  expect(run.accounts[0]!.error!.message).toContain(own.arn);
});

test('if more than twenty entries can not be read, the account is FAILED with the reason', async () => {
  audit = await VirtualAudit.start({ accounts: [auditableAccount(HUB, 40)] });
  withAnswers((text) => text.replaceAll(/<Path>[^<]*<\/Path>/g, ''));
  await audit.run({ accountIds: [HUB] });
  expect(await audit.lastRun()).toMatchObject({
    status: 'FAILED',
    accounts: [{ error: { code: 'IncompleteResponse' } }],
  });
});

test('an entry that can not be read when the account is rechecked does not count as deleted', async () => {
  const { account, arn } = accountWithAdmin();
  audit = await VirtualAudit.start({ accounts: [account] });
  // The first two answers are those of the inventory: policies, and principals.
  withAnswers(inEntry(arn, createDate, '<CreateDate>yesterday'), (n) => n >= 2);
  await audit.run({ accountIds: [HUB] });
  const run = await audit.lastRun();
  expect(run).toMatchObject({ status: 'COMPLETE', principals: { total: 10, complete: 10 } });
  expect(audit.warnings.join('\n')).toContain('could not be checked for changes after its batches (UnexpectedResponse');
});
