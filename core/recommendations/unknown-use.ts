import type { UnknownUse } from './narrowing.ts';
import type { ServiceUse } from './observed-use.ts';

const named = (names: ReadonlySet<string>): string => [...names].sort().join(', ');

/** One sentence for each kind of permission for which it is not known whether it is used. */
export function unknownUseInWords(unknownUse: UnknownUse, services: readonly ServiceUse[]): string[] {
  const { keptActions, wildcards, withoutTrackedUse, keptServices, replacesEveryService, partlyExcluded } = unknownUse;
  const untracked = new Set(
    services.flatMap(({ namespace, used, tracked }) => (used && tracked === null ? [namespace] : [])),
  );
  const sentences: string[] = [];
  const add = (names: ReadonlySet<string>, sentence: (list: string) => string): void => {
    if (names.size > 0) sentences.push(sentence(named(names)));
  };
  add(
    wildcards,
    (list) =>
      `${list}: the policies grant actions with wildcards. The tracked actions that were used replace them. The known actions that AWS does not track are kept (see below). If the principal needs others, add them.`,
  );
  add(
    withoutTrackedUse,
    (list) =>
      `${list}: used, but without any of the actions that AWS tracks. Wildcards are kept, limited to the service.`,
  );
  add(
    keptActions,
    (list) =>
      `${list}: kept, because the policies grant them and AWS does not track them: it is not known whether they were used.`,
  );
  add(
    untracked,
    (list) => `${list}: AWS does not report which actions were used. The actions that the policies grant are kept.`,
  );
  add(keptServices, (list) => `${list}: kept, because AWS does not report on them.`);
  add(
    partlyExcluded,
    (list) =>
      `${list}: the policies use NotAction to exclude some of its actions. The NotAction is kept and also excludes all other services that AWS reports on. Services that AWS does not report on are still granted.`,
  );
  if (replacesEveryService && partlyExcluded.size === 0) {
    sentences.push(
      'Wildcards for all services were replaced, so services that AWS does not report on are no longer granted.',
    );
  }
  sentences.push(
    'AWS counts every attempt as use, also a denied one. Access that resource policies grant is not considered.',
  );
  return sentences;
}
