import type { KeyValue } from '../evaluation/condition-context.ts';
import type { PrincipalNode } from './node.ts';
import { tagsOf } from './requests.ts';

/** Tags by their keys in lower case: IAM compares tag keys so. Null: without the tag. */
export type TagValues = ReadonlyMap<string, string | null>;

export const keyValue = (tags: TagValues, key: string): KeyValue => {
  const value = tags.get(key) ?? null;
  return value === null ? 'absent' : [value];
};

/** A principal's tags after some of them are set or removed. */
export function withTags(node: PrincipalNode, changes: TagValues): Readonly<Record<string, string>> {
  const others = Object.entries(node.tags).filter(([name]) => !changes.has(name.toLowerCase()));
  const set = [...changes].flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]));
  return Object.fromEntries([...others, ...set]);
}

/** Only the changes after which a principal's tags are others than before. */
export const changesOf = (node: PrincipalNode, tags: TagValues): TagValues =>
  new Map([...tags].filter(([key, value]) => (tagsOf(node).get(key) ?? null) !== value));

/** `team=red`, `no team`, or several of these. */
export const tagsInWords = (tags: TagValues): string =>
  [...tags].map(([key, value]) => (value === null ? `no ${key}` : `${key}=${value}`)).join(', ');
