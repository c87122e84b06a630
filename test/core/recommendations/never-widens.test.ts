import * as fc from 'fast-check';
import type { AccessedService } from '../../../core/contract/evidence.ts';
import { Candidates } from '../../../core/recommendations/observed-use.ts';
import { recommend } from '../../../core/recommendations/recommend.ts';
import type { PolicyDocument } from '../../../local/emulated-aws/account.ts';
import { principalRecord } from '../../support/principal-record.ts';
import { actionsOf, allowedBy, document } from '../../support/random-policies.ts';

const NOW = Date.parse('2026-11-25T04:00:00.000Z');
const RECENT = '2026-11-20T00:00:00.000Z';
const OLD = '2026-01-20T00:00:00.000Z';
const basis = { runId: '20261125T040000Z-abcdef', unusedAfterDays: 90, generatedAt: RECENT };

const time = fc.constantFrom(null, OLD, RECENT, RECENT);
const use = fc
  .tuple(
    ...['s3', 's3x', 'iam'].map((namespace) =>
      fc.tuple(fc.constant(namespace), time, fc.array(time, { minLength: 3, maxLength: 3 })),
    ),
  )
  .map((services) =>
    services.map(([namespace, last, times]): AccessedService => {
      const { tracked } = actionsOf[namespace]!;
      return {
        namespace,
        name: namespace,
        lastAuthenticated: last,
        region: null,
        // AWS reports no actions for a service that was not used.
        actions:
          tracked.length === 0 || last === null
            ? null
            : tracked.map((name, n) => ({ name, lastAccessed: last === RECENT ? times[n]! : null })),
      };
    }),
  );

const recommended = (documents: readonly PolicyDocument[], services: AccessedService[]) => {
  const record = principalRecord({ type: 'user', name: 'alice' });
  const candidate = new Candidates({ graceDays: 30, unusedAfterDays: 90 }, NOW).candidate({
    ...record,
    lastAccessed: { ...record.lastAccessed, services },
  });
  const held = documents.map((one, n) => ({
    kind: 'inline' as const,
    name: `p${n}`,
    group: null,
    document: JSON.stringify(one),
  }));
  const outcome = candidate === null ? null : recommend(candidate, held, basis);
  return outcome?.kind === 'recommended' ? outcome.recommendation : null;
};

test('for random policies and use, no recommendation grants anything new or removes anything that was used', () => {
  let made = 0;
  let narrower = 0;
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 3 }), use, (documents, services) => {
      const recommendation = recommended(documents, services);
      if (recommendation === null) return;
      made += 1;
      const before = allowedBy(documents);
      const after = allowedBy([recommendation.policy]);
      expect([...after].filter((request) => !before.has(request))).toEqual([]);
      if (after.size < before.size) narrower += 1;

      const mustStay = services.flatMap(({ namespace, lastAuthenticated, actions }) => {
        const used = actions?.flatMap(({ name, lastAccessed }) => (lastAccessed === RECENT ? [name] : []));
        if (used !== undefined) return used.map((name) => `${namespace}:${name}`);
        const { tracked, others } = actionsOf[namespace]!;
        return lastAuthenticated === RECENT ? [...tracked, ...others].map((name) => `${namespace}:${name}`) : [];
      });
      const lost = [...before].filter((request) => mustStay.includes(request.split(' ')[0]!) && !after.has(request));
      expect(lost).toEqual([]);
      // Everything that is reported as removed is no longer granted.
      const { services: gone, actions } = recommendation.removed;
      const stillThere = [...after].filter((request) => {
        const action = request.split(' ')[0]!;
        return gone.names.includes(action.split(':')[0]!) || actions.names.includes(action);
      });
      expect(stillThere).toEqual([]);
    }),
    { numRuns: 500 },
  );
  expect(made).toBeGreaterThan(100);
  expect(narrower).toBeGreaterThan(50);
});

test('the order of policies and statements has no effect', () => {
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 3 }), use, (documents, services) => {
      const reversed = [...documents].reverse().map((one) => ({
        ...one,
        Statement: [...(one.Statement as unknown[])].reverse(),
      }));
      expect(recommended(reversed, services)?.policy).toEqual(recommended(documents, services)?.policy);
    }),
    { numRuns: 100 },
  );
});
