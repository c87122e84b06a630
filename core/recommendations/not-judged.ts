import type { Unjudged } from './narrowing.ts';
import type { ServiceUse } from './observed-use.ts';

const named = (names: ReadonlySet<string>): string => [...names].sort().join(', ');

/** What could not be judged, a sentence each. */
export function unjudgedInWords(unjudged: Unjudged, services: readonly ServiceUse[]): string[] {
  const { keptActions, wildcards, unexplained, keptServices, everyService, exceptions } = unjudged;
  const untracked = new Set(
    services.flatMap(({ namespace, used, tracked }) => (used && tracked === null ? [namespace] : [])),
  );
  const sentences: string[] = [];
  const say = (names: ReadonlySet<string>, sentence: (list: string) => string): void => {
    if (names.size > 0) sentences.push(sentence(named(names)));
  };
  say(
    wildcards,
    (list) =>
      `Of ${list} the policies grant actions by wildcards. Tracked actions that were used take their place. Actions that AWS does not track (data events such as s3:GetObject, iam:PassRole) could not be judged: add those that are needed.`,
  );
  say(
    unexplained,
    (list) =>
      `${list}: used, but by none of the actions that AWS tracks. Wildcards are kept as they are, limited to the service.`,
  );
  say(keptActions, (list) => `${list}: kept, because the policies name them and AWS does not track them.`);
  say(
    untracked,
    (list) => `${list}: AWS does not tell which actions were used. What the policies grant of them is kept.`,
  );
  say(keptServices, (list) => `${list}: kept, because AWS does not report on them.`);
  say(
    exceptions,
    (list) =>
      `${list}: the policies grant all but some of it by NotAction, which stays, with all other services that AWS reports on excepted. Services that AWS does not report on stay granted by it.`,
  );
  if (everyService && exceptions.size === 0) {
    sentences.push('Services that AWS does not report on are not granted any more by wildcards that stood for all.');
  }
  sentences.push('AWS counts attempts, also denied ones, as use. Access by resource policies is not looked at.');
  return sentences;
}
