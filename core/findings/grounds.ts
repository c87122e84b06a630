import type { AccessGraph } from '../access/graph/access-graph.ts';
import { mayDoSomewhere } from '../access/requests.ts';
import { uniqueGrounds } from '../access/target-groups.ts';
import type { Ground } from '../contract/answers/permission.ts';
import { listedBriefly } from '../wording/wording.ts';

const MOST_GROUNDS = 10;

/** The statements that allow a principal these actions, at most ten. None: the run did not store its policies. */
export function groundsOfActions({ account }: AccessGraph, arn: string, actions: readonly string[]): readonly Ground[] {
  const node = account.principal(arn);
  if (node === null) return [];
  return uniqueGrounds(actions.flatMap((action) => mayDoSomewhere(account, node, action).grounds)).slice(
    0,
    MOST_GROUNDS,
  );
}

/** As a sentence; none if there are no grounds. */
export const groundsInWords = (grounds: readonly Ground[]): string[] =>
  grounds.length === 0
    ? []
    : [
        `Allowed by ${listedBriefly(
          grounds.map(({ policy, statement }) => `${policy} (${statement})`),
          3,
        )}.`,
      ];
