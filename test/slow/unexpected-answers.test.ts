import * as v from 'valibot';
import { SdkAccountAccess } from '../../aws/account-access.ts';
import { PrincipalRecord } from '../../core/contract/evidence.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { inProcess } from '../../local/emulated-aws/in-process.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { rewritings, RewritingTransport } from '../support/rewritten-answer.ts';
import { auditableAccount, HUB, VirtualAudit, withOwnPolicies } from '../support/virtual-audit.ts';

const OTHER = '222233334444';
const ACCOUNTS = [HUB, OTHER];
/** Seeded cases. A failure names its seed. */
const CASES = Number(process.env.IAM_AUDIT_ANSWERS ?? 500);

interface Ended {
  readonly status: string;
  readonly records: ReadonlyMap<string, PrincipalRecord>;
  readonly accounts: readonly { readonly accountId: string; readonly status: string; readonly error: unknown }[];
  readonly transport: RewritingTransport;
  readonly warnings: readonly string[];
}

async function runWith(seed: number, target: ConstructorParameters<typeof RewritingTransport>[2]): Promise<Ended> {
  const accounts = ACCOUNTS.map((id, n) => withOwnPolicies(auditableAccount(id, 4, n + 1)));
  const audit = await VirtualAudit.start({ accounts });
  try {
    const { clock, aws } = audit;
    const credentials = aws.emulation.issueUser(HUB, OPERATOR);
    const wire = inProcess(aws.emulation, clock);
    const transport = new RewritingTransport(wire.transport, seededRandom(seed), target);
    const access = new SdkAccountAccess(
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
    await audit.run({ accountIds: ACCOUNTS }, undefined, { ...audit.services(), access });
    const run = await audit.lastRun();
    const records = new Map<string, PrincipalRecord>();
    for (const { accountId, principals } of run.accounts) {
      if (principals.total === 0) continue;
      for (const record of await audit.records(run, accountId))
        records.set(record.arn, v.parse(PrincipalRecord, record));
    }
    return {
      status: run.status,
      records,
      accounts: run.accounts.map(({ accountId, status, error }) => ({ accountId, status, error })),
      transport,
      warnings: audit.warnings,
    };
  } finally {
    await audit.close();
  }
}
/** The operations whose answer is about one principal. */
const OF_ONE_PRINCIPAL = [
  'GenerateServiceLastAccessedDetails',
  'GetServiceLastAccessedDetails',
  'SimulatePrincipalPolicy',
];

/** Texts that may have any value, so that another one can't be recognised as wrong. */
const FREE = new Set([
  ...['ActionName', 'ServiceName', 'ServiceNamespace', 'LastAuthenticatedRegion', 'member', 'MissingContextValues'],
  ...['Arn', 'UserName', 'RoleName', 'UserId', 'RoleId', 'Path', 'Key', 'Value', 'PolicyName', 'PolicyDocument'],
  ...['PolicyArn', 'GroupName', 'Document', 'AssumeRolePolicyDocument', 'InstanceProfileName', 'Region', 'Content'],
  ...['Id', 'MasterAccountId', 'Name', 'Account'],
]);

/** Nothing shows that a credential is wrong before AWS refuses it, and without credentials no part of the account is known. */
const CREDENTIALS = new Set(['AccessKeyId', 'SecretAccessKey', 'SessionToken']);

/** The record without the times at which its parts were read. */
const factsOf = (record: PrincipalRecord): unknown =>
  JSON.parse(JSON.stringify(record, (key, value: unknown) => (key === 'asOf' ? null : value)));

let baseline: Ended;
beforeAll(async () => {
  baseline = await runWith(0, null);
}, 60_000);

test('without a rewritten answer the run is COMPLETE', () => {
  expect(baseline.status).toBe('COMPLETE');
  expect([...baseline.transport.answers.keys()]).toEqual(expect.arrayContaining(OF_ONE_PRINCIPAL));
});

const seeds = Array.from({ length: CASES }, (_, n) => n + 1);
const CHUNK = 50;
const chunks = seeds.filter((seed) => seed % CHUNK === 1);

/** Null: nothing is wrong. @returns otherwise what is wrong, with the seed that replays it */
async function examine(seed: number): Promise<string | null> {
  const random = seededRandom(seed * 7_919);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const operation = pick([...baseline.transport.answers.keys()]);
  const n = Math.floor(random() * (baseline.transport.answers.get(operation) ?? 1));
  const how = pick(rewritings);
  const ended = await runWith(seed, { operation, n, how });
  const element = ended.transport.rewritten?.element ?? 'nothing';
  const wrong = (what: string): string => `seed ${seed}: ${operation} ${n}, ${element} ${how}: ${what}`;
  const failed = ended.accounts.filter(({ status }) => status === 'FAILED');
  if (failed.length === 1 && CREDENTIALS.has(element) && how === 'garbled') {
    return JSON.stringify(failed).includes('InvalidClientTokenId') ? null : wrong('no reason');
  }
  if (failed.length > 0) return wrong(`an account FAILED: ${JSON.stringify(failed)}`);
  const changed = [...baseline.records].flatMap(([arn, record]) => {
    const now = ended.records.get(arn);
    const isSame = now !== undefined && JSON.stringify(factsOf(now)) === JSON.stringify(factsOf(record));
    return isSame ? [] : [{ arn, now }];
  });
  if (OF_ONE_PRINCIPAL.includes(operation) && changed.length > 1) {
    return wrong(`it changed ${changed.map(({ arn }) => arn).join(' and ')}`);
  }
  // An element that is missing from a list, or is in it twice, looks like another list.
  if (FREE.has(element) || how === 'removed' || how === 'repeated') return null;
  for (const { arn, now } of changed) {
    if (now === undefined) return wrong(`${arn} has no record`);
    const isOfOrganization = operation.startsWith('List') || operation === 'DescribeOrganization';
    if (now.status === 'COMPLETE' && !isOfOrganization) return wrong(`${arn} is COMPLETE with other facts`);
    const unsaid = now.problems.length === 0 || now.problems.some(({ code, message }) => code === '' || message === '');
    if (now.status !== 'COMPLETE' && unsaid) return wrong(`${arn} has no reason`);
  }
  return null;
}

test.each(chunks)(
  'one unexpected answer costs at most one part of one principal, which says why: cases from %i',
  async (from) => {
    const found: string[] = [];
    for (let seed = from; seed < from + CHUNK && seed <= CASES; seed += 1) {
      const wrong = await examine(seed).catch((error: unknown) => `seed ${seed}: ${String(error)}`);
      if (wrong !== null) found.push(wrong);
    }
    expect(found).toEqual([]);
  },
  300_000,
);
