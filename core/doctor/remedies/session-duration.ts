import type { Remedy } from '../../contract/doctor/diagnosis.ts';
import { adviceForAws } from './callers-without-code.ts';
import type { RemedyContext } from './context.ts';
import { shortForBotocore } from './credential-cache.ts';
import { roleSessionExamples } from './role-session-examples.ts';
import { roleNameFor } from './safe-values.ts';
import { selectExamples } from './select-examples.ts';

/** The limit with role chaining, in seconds, and the longest maximum session duration that a role may have. */
const CHAINING_LIMIT = 3_600;
const LONGEST = 43_200;

const raiseMaximum = (context: RemedyContext, seconds: number): Remedy['examples'] => [
  {
    for: 'The role, with the AWS CLI in its account',
    code: `aws iam update-role --role-name ${roleNameFor(context)} --max-session-duration ${seconds}`,
  },
];

/** Sessions that are renewed more often than necessary because they are short. */
export const sessionDuration = (context: RemedyContext): Remedy => {
  const aws = adviceForAws(context);
  if (aws !== null) return { text: aws, examples: [] };
  const longest = Math.min(Math.max(context.longestSeconds ?? CHAINING_LIMIT, CHAINING_LIMIT), LONGEST);
  const isChained = longest === CHAINING_LIMIT;
  const text = isChained
    ? 'Request sessions of one hour (DurationSeconds 3600). More is not possible if the caller is itself a session of a role, such as in Lambda or on EC2: AWS limits role chaining to one hour, even if the role allows more.'
    : `Request longer sessions, up to ${longest / 3_600} hours. First raise the maximum session duration of the role, then request it with DurationSeconds: AWS rejects a request that is longer than the maximum. If its credentials leak, a longer session also stays valid longer, so request no more time than the job needs.`;
  const short = shortForBotocore(context);
  return {
    text: short === null ? text : `${text} ${short}`,
    examples: [
      ...(isChained ? [] : raiseMaximum(context, longest)),
      ...selectExamples(roleSessionExamples(context, longest), context.clients),
    ],
  };
};
