import { objects } from '../../core/contract/objects.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';
import type { AccountAccess, AccountSession, IamReader } from '../../core/ports/iam.ts';
import type { ObjectStore } from '../../core/ports/store.ts';
import type { PlantedBug } from '../../scripts/chaos-test/world/invocations.ts';

/** The store with some of its methods replaced. */
const changed = (store: ObjectStore, methods: Partial<ObjectStore>): ObjectStore => ({
  bucket: store.bucket,
  read: (key) => store.read(key),
  exists: (key) => store.exists(key),
  write: (key, text, condition) => store.write(key, text, condition),
  readLines: (key, range) => store.readLines(key, range),
  writeLines: (key, lines) => store.writeLines(key, lines),
  readBytes: (key) => store.readBytes(key),
  writeBytes: (key, parts) => store.writeBytes(key, parts),
  list: (prefix) => store.list(prefix),
  ...methods,
});

/** Every run believes that it has the claim. */
export const missingClaimCheck: PlantedBug = {
  store: (store, payload) =>
    changed(store, {
      read: async (key) => {
        const stored = await store.read(key);
        const { runId } = payload as { runId?: string };
        if (key !== objects.claim || stored === null || runId === undefined) return stored;
        return { ...stored, text: JSON.stringify({ ...(JSON.parse(stored.text) as object), runId }) };
      },
    }),
};

/** The second batch is never written, although its function says so. */
export const lostBatch: PlantedBug = {
  store: (store) =>
    changed(store, {
      writeLines: async (key, lines) => {
        if (!key.endsWith('/batches/000002.jsonl')) return store.writeLines(key, lines);
        let count = 0;
        for await (const _ of lines) count += 1;
        return { lines: count, bytes: 0 };
      },
    }),
};

/** The first record is written twice, after the product has checked its records. */
export const doubleRecord: PlantedBug = {
  store: (store) =>
    changed(store, {
      write: async (key, text, condition) => {
        if (key.endsWith('/account.json')) {
          const records = key.replace('account.json', 'principals.jsonl');
          const lines: string[] = [];
          if (await store.exists(records)) for await (const line of store.readLines(records)) lines.push(line);
          if (lines[0] !== undefined) await store.writeLines(records, [lines[0], ...lines]);
        }
        return store.write(key, text, condition);
      },
    }),
};

/** What batches learn is not stored. */
export const stalePace: PlantedBug = {
  store: (store) =>
    changed(store, {
      write: async (key, text, condition) => {
        if (key.endsWith('/pace.json') && (await store.exists(key))) return 'etag';
        return store.write(key, text, condition);
      },
    }),
};

/** A fault of AWS counts as an empty answer. */
export const swallowedFault: PlantedBug = {
  access: (access): AccountAccess => {
    const open = async (request: Parameters<AccountAccess['open']>[0]): Promise<AccountSession> => {
      const session = await access.open(request);
      const { iam } = session;
      const lastAccessedPage: IamReader['lastAccessedPage'] = async (jobId, marker) => {
        try {
          return await iam.lastAccessedPage(jobId, marker);
        } catch (error: unknown) {
          if (!(error instanceof AwsFault)) throw error;
          return { status: 'COMPLETED', completedAt: '2026-11-23T04:00:00Z', services: [], marker: null };
        }
      };
      return {
        ...session,
        iam: new Proxy(iam, {
          get: (target, name) => (name === 'lastAccessedPage' ? lastAccessedPage : bound(target, name)),
        }),
      };
    };
    return {
      open,
      ownAccountId: () => access.ownAccountId(),
      organization: () => access.organization(),
      discard: (session) => {
        access.discard(session);
      },
    };
  },
};

function bound(iam: IamReader, name: string | symbol): unknown {
  const value: unknown = Reflect.get(iam, name);
  return typeof value === 'function' ? (value.bind(iam) as unknown) : value;
}
