import { isAws } from './examples/select-examples.ts';
import type { RemedyContext } from './examples/context.ts';

/**
 * Advice for a caller whose clients are all AWS services, CloudFormation or the console: their code can't be changed. Null
 * for every other caller.
 */
export const adviceForAws = ({ clients }: RemedyContext): string | null => {
  if (clients.length === 0 || !clients.every(isAws)) return null;
  const tools = new Set(clients.map(({ tool }) => tool));
  if (tools.has('cloudformation'))
    return 'CloudFormation makes these calls while it deploys. Deploy stacks one after another instead of all at once, and split stacks with many roles and policies.';
  if (tools.has('console'))
    return 'A person makes these calls in the console. Pages that list many roles or users read each of them: use a filter, or read the account with GetAccountAuthorizationDetails.';
  return 'An AWS service makes these calls on behalf of the caller. Use the service less often: the rate of its calls cannot be configured.';
};
