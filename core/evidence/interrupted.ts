import type { FailureCause } from '../contract/run.ts';

/** Why a part is missing if no batch has worked on it. */
export const interrupted: FailureCause = {
  code: 'Interrupted',
  message: 'The run ended before AWS was asked for this part.',
};
