import type { FailureCause } from '../contract/run.ts';

/** Why a part is missing that nobody came to. */
export const interrupted: FailureCause = {
  code: 'Interrupted',
  message: 'The run ended before this could be asked.',
};
