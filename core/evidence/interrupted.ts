import type { FailureCause } from '../contract/run.ts';

/** Why a part is missing if no batch got to it. */
export const interrupted: FailureCause = {
  code: 'Interrupted',
  message: 'The run ended before this part could be asked for.',
};
