import pLimit from 'p-limit';
import { objects } from '../contract/objects.ts';
import type { RecommendationLine } from '../contract/recommendation.ts';
import { readPolicies } from '../policies/read-policies.ts';
import { Candidates, type Candidate, type UseSettings } from '../recommendations/observed-use.ts';
import { recommend, type Outcome } from '../recommendations/recommend.ts';
import type { ObjectStore } from '../ports/store.ts';
import { recordsOf } from '../objects/stored-runs.ts';
import { writeWhile } from '../objects/write-concurrently.ts';
import type { LineChannel } from '../streams/line-channel.ts';

/** Principals whose use is in memory during one pass over the policies: some kilobytes each. */
const JOINED_AT_ONCE = 1_000;
/** Recommendations that are in memory until they are written: each has the size of a policy. */
const HELD_BACK = 64;
/** Objects written concurrently: S3 needs some 30 ms for each. */
const WRITES_AT_ONCE = 16;

export interface WrittenRecommendations {
  readonly written: number;
  /** Principals with unused permissions and without a recommendation; the index says why. */
  readonly refused: number;
  /** Objects written, the index included. */
  readonly puts: number;
}

interface AccountOfRun {
  readonly runId: string;
  readonly accountId: string;
}

/**
 * Writes a narrower policy for every principal of an account that has unused permissions, and an index of them. Only
 * the policies of one principal, and the documents that several principals share, are in memory.
 * @param now milliseconds since the epoch
 * @throws StoreError
 */
export async function writeRecommendations(
  store: ObjectStore,
  { runId, accountId }: AccountOfRun,
  settings: UseSettings,
  now: number,
): Promise<WrittenRecommendations> {
  // Inventories of earlier versions kept no policies.
  if (!(await store.exists(objects.policies(runId, accountId)))) return { written: 0, refused: 0, puts: 0 };
  const basis = { runId, unusedAfterDays: settings.unusedAfterDays, generatedAt: new Date(now).toISOString() };
  return writeWhile(store, objects.recommendations(runId, accountId), async (index) => {
    const writer = new RecommendationWriter(store, { runId, accountId }, index);
    for await (const group of candidatesInGroups(store, { runId, accountId }, new Candidates(settings, now))) {
      for await (const { arn, policies } of readPolicies(store, runId, accountId, (one) => group.has(one))) {
        const candidate = group.get(arn);
        if (candidate === undefined) continue;
        group.delete(arn);
        await writer.add(candidate, recommend(candidate, policies, basis));
      }
      const message = 'The inventory has no policies of this principal.';
      for (const candidate of group.values())
        await writer.add(candidate, { kind: 'refused', code: 'NoPolicies', message });
    }
    return writer.end();
  });
}

async function* candidatesInGroups(
  store: ObjectStore,
  { runId, accountId }: AccountOfRun,
  candidates: Candidates,
): AsyncGenerator<Map<string, Candidate>> {
  let group = new Map<string, Candidate>();
  for await (const record of recordsOf(store, runId, accountId)) {
    const candidate = candidates.candidate(record);
    if (candidate === null) continue;
    group.set(candidate.arn, candidate);
    if (group.size < JOINED_AT_ONCE) continue;
    yield group;
    group = new Map();
  }
  if (group.size > 0) yield group;
}

class RecommendationWriter {
  readonly #limit = pLimit(WRITES_AT_ONCE);
  #waiting: { readonly key: string; readonly text: string }[] = [];
  #written = 0;
  #refused = 0;

  constructor(
    private readonly store: ObjectStore,
    private readonly account: AccountOfRun,
    private readonly index: LineChannel,
  ) {}

  async add({ arn: principalArn, type, name }: Candidate, outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case 'nothing':
        return;
      case 'refused': {
        const { code, message } = outcome;
        this.#refused += 1;
        await this.#line({ principalArn, key: null, problem: { code, message } });
        return;
      }
      case 'recommended': {
        const key = objects.recommendation(this.account.runId, this.account.accountId, type, name);
        const { recommendation } = outcome;
        await this.#line({ principalArn, key, problem: null, recommendation });
        this.#waiting.push({ key, text: `${JSON.stringify(recommendation, null, 2)}\n` });
        if (this.#waiting.length >= HELD_BACK) await this.#flush();
      }
    }
  }

  async end(): Promise<WrittenRecommendations> {
    await this.#flush();
    return { written: this.#written, refused: this.#refused, puts: this.#written + 1 };
  }

  #line(line: RecommendationLine): Promise<void> {
    return this.index.push(JSON.stringify(line));
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    await Promise.all(waiting.map(({ key, text }) => this.#limit(() => this.store.write(key, text))));
    this.#written += waiting.length;
  }
}
