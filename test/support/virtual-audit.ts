import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SdkAccountAccess } from '../../aws/account-access.ts';
import type { PrincipalRecord } from '../../core/contract/evidence.ts';
import type { ExecutionInput } from '../../core/contract/execution-input.ts';
import { objects } from '../../core/contract/objects.ts';
import type { AccountSummary, RunSummary } from '../../core/contract/run.ts';
import type { AuditSettings, Services } from '../../core/services.ts';
import type { ObjectStore } from '../../core/store.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { addAuditRole, AUDIT_ROLE, generateAccount, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import type { EmulatedAwsSettings } from '../../local/emulated-aws/emulation.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { runWorkflow, type LocalRunResult } from '../../local/run-workflow.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';

export const HUB = '111122223333';
export const START = Date.parse('2026-11-23T04:00:00Z');

/** A generated account that the hub may audit. */
export function auditableAccount(accountId: string, principals: number, seed = 1): EmulatedAccount {
  const users = Math.floor(principals / 3);
  const account = generateAccount({ seed, accountId, users, roles: principals - users, now: START });
  addAuditRole(account, HUB, START);
  return account;
}

/** Everything of an audit but real time: real definition, handlers, SDK clients and HTTP. */
export class VirtualAudit {
  readonly clock = new VirtualClock(START);
  readonly store: FolderStore;
  #executions = 0;

  private constructor(
    readonly aws: EmulatedAws,
    readonly folder: string,
    clock: VirtualClock,
    private readonly settings: Partial<AuditSettings>,
    private readonly requestTimeoutMs: number,
  ) {
    this.clock = clock;
    this.store = new FolderStore({ folder });
  }

  static async start(
    emulated: Partial<EmulatedAwsSettings> & Pick<EmulatedAwsSettings, 'accounts'>,
    settings: Partial<AuditSettings> = {},
  ): Promise<VirtualAudit> {
    const clock = new VirtualClock(START);
    const aws = await startEmulatedAws({ clock, random: seededRandom(7), limit: null, ...emulated });
    process.env.AWS_ENDPOINT_URL = aws.url;
    const folder = await mkdtemp(join(tmpdir(), 'iam-audit-'));
    // Real time: what nobody answers is not to hold a test up, and what is answered slowly is no fault.
    const requestTimeoutMs = emulated.faults?.silence === undefined ? 30_000 : 300;
    return new VirtualAudit(aws, folder, clock, settings, requestTimeoutMs);
  }

  async run(input: ExecutionInput, signal?: AbortSignal): Promise<LocalRunResult> {
    this.#executions += 1;
    const name = `execution-${this.#executions}`;
    return runWorkflow({
      name,
      id: `test:${name}`,
      input,
      services: this.services(),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  services(): Services {
    const { clock } = this;
    const credentials = this.aws.emulation.issueUser(HUB, OPERATOR);
    return {
      store: tracked(this.store, clock),
      clock,
      random: seededRandom(11),
      access: new SdkAccountAccess(
        {
          credentials: () => Promise.resolve(credentials),
          memberRole: { roleName: AUDIT_ROLE, externalId: null },
          sessionName: 'iam-audit-test',
          region: 'us-east-1',
          requestTimeoutMs: this.requestTimeoutMs,
          onWire: (request) => clock.track(request),
        },
        clock,
      ),
      executions: { isRunning: () => Promise.resolve(false) },
      settings: {
        accountIds: null,
        onlyConfigured: false,
        accountsAtOnce: 5,
        principalsPerBatch: 20,
        rateShare: 0.9,
        ...this.settings,
      },
      warn: () => undefined,
    };
  }

  async lastRun(): Promise<RunSummary> {
    const { runId } = (await this.json(objects.latest)) as { runId: string };
    return (await this.json(objects.run(runId))) as RunSummary;
  }

  async account(run: RunSummary, accountId: string): Promise<AccountSummary> {
    return (await this.json(objects.account(run.runId, accountId))) as AccountSummary;
  }

  async records(run: RunSummary, accountId: string): Promise<PrincipalRecord[]> {
    const records: PrincipalRecord[] = [];
    for await (const line of this.store.readLines(objects.principals(run.runId, accountId))) {
      records.push(JSON.parse(line) as PrincipalRecord);
    }
    return records;
  }

  async json(key: string): Promise<unknown> {
    const stored = await this.store.read(key);
    if (stored === null) throw new Error(`There is no ${key}.`);
    return JSON.parse(stored.text) as unknown;
  }

  async close(): Promise<void> {
    await this.aws.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Files take real time: virtual time stands still meanwhile. */
function tracked(store: ObjectStore, clock: VirtualClock): ObjectStore {
  return {
    bucket: store.bucket,
    exists: (key) => clock.track(() => store.exists(key)),
    read: (key) => clock.track(() => store.read(key)),
    write: (key, text, condition) => clock.track(() => store.write(key, text, condition)),
    readLines: (key, range) => trackedLines(store.readLines(key, range), clock),
    writeLines: async (key, lines) => {
      const file = new Busy(clock);
      try {
        return await store.writeLines(key, untracked(lines, file));
      } finally {
        file.end();
      }
    },
    list: (prefix) => trackedLines(store.list(prefix), clock),
  };
}

/** Nobody waits for virtual time between two lines that are read. */
async function* trackedLines(lines: AsyncIterable<string>, clock: VirtualClock): AsyncGenerator<string> {
  const file = new Busy(clock);
  try {
    yield* lines;
  } finally {
    file.end();
  }
}

/** Work on a file that is interrupted by waiting for what is to be written. */
class Busy {
  #release: () => void = () => undefined;

  constructor(private readonly clock: VirtualClock) {
    this.begin();
  }

  begin(): void {
    this.#release();
    void this.clock.track(() => new Promise<void>((resolve) => (this.#release = resolve)));
  }

  end(): void {
    this.#release();
  }
}

/** Whoever makes the lines may take its virtual time. */
async function* untracked(lines: AsyncIterable<string> | Iterable<string>, file: Busy): AsyncGenerator<string> {
  const source = (async function* () {
    yield* lines;
  })();
  try {
    for (;;) {
      file.end();
      const next = await source.next();
      file.begin();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    file.begin();
    await source.return(undefined);
  }
}
