import { catalogue } from '../catalogue/catalogue.ts';
import type { Ground } from '../contract/answers/permission.ts';

/** The action, and the resource if any, that a command asks about. */
export interface Question {
  /** `service:Action`. */
  readonly action: string;
  /** Null: any resource. */
  readonly resource: string | null;
  /** The account of a resource whose ARN does not name it. Null: not given. */
  readonly resourceAccount?: string | null;
  /** ARNs of the types of resources that the action is about, with `*` for the parts that vary; none: not known. */
  readonly resourceTypes?: readonly string[];
}

/** Whether the policies of a principal, and the trust policy of a role to assume, allow the request. */
export type EvaluatedAnswer =
  | {
      readonly kind: 'granted';
      readonly grounds: readonly Ground[];
      /** Null: every resource, or the resource in the question. */
      readonly resources: readonly string[] | null;
      /** Condition keys, and other facts, that it depends on; empty if there are none. */
      readonly conditions: readonly string[];
    }
  | { readonly kind: 'notGranted' }
  | { readonly kind: 'unknown'; readonly reason: string };

export const isAboutAssuming = ({ action }: Question): boolean => action.toLowerCase() === 'sts:assumerole';

/** The catalogue's spelling of an action; null if the catalogue does not have it. */
export const catalogued = (action: string): string | null =>
  catalogue.find((one) => one.action.toLowerCase() === action.toLowerCase())?.action ?? null;
