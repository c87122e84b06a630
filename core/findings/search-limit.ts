import type { AccessGraph } from '../access/graph/access-graph.ts';
import type { MissingEvidence } from '../contract/run.ts';

const MESSAGE =
  'The policies allow more changes of tags, policies and groups than the search for paths follows, so paths with such changes may be missing.';

/** That the search for paths in an account was limited, as an item of `missingEvidence`. */
export const searchLimits = ({ account, isIncomplete }: AccessGraph): readonly MissingEvidence[] =>
  isIncomplete
    ? [{ step: 'paths', code: 'SearchLimited', message: MESSAGE, principals: account.principals.length }]
    : [];

/** Null: the search was not limited. */
export const searchLimitInWords = ({ account, isIncomplete }: AccessGraph): string | null =>
  isIncomplete ? `Account ${account.facts.accountId}: ${MESSAGE}` : null;
