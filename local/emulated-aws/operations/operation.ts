import type { Clock, Random } from '../../../core/ports/clock.ts';
import type { AccountDirectory, EmulatedAccount } from '../account.ts';
import type { EventHistory } from '../cloudtrail/event-history.ts';
import type { OrganizationSettings, OrganizationView } from '../organization.ts';
import { ServiceError } from '../service-error.ts';
import type { Session, Sessions } from '../sessions.ts';
import type { XmlValue } from '../xml.ts';
import type { AccessReportJob } from './organization-access.ts';

/** AWS reports uses for at least this time (IAM User Guide, "Regions where data is tracked"). */
export const TRACKED_MS = 400 * 86_400_000;

export interface ReportJob {
  readonly arn: string;
  readonly granularity: string;
  readonly accessKeyId: string;
  readonly askedAt: number;
  readonly readyAt: number;
  readonly fails: boolean;
}

/** A credential report of the account at the time of the request. */
export interface CredentialReportJob {
  readonly startedAt: number;
  readonly csv: string;
}

/** The data and services that an operation uses. */
export interface OperationContext {
  readonly account: EmulatedAccount;
  readonly accounts: AccountDirectory;
  readonly session: Session;
  readonly sessions: Sessions;
  readonly parameters: URLSearchParams;
  readonly clock: Clock;
  readonly random: Random;
  readonly reports: Map<string, ReportJob>;
  /** Reports about the organization, by JobId. */
  readonly accessReports: Map<string, AccessReportJob>;
  readonly credentialReports: Map<string, CredentialReportJob>;
  readonly behaviour: Behaviour;
  /** The organization of the accounts. Null: there is none. */
  readonly organization: () => OrganizationView | null;
  readonly organizationSettings: OrganizationSettings;
  /** The Region for which the request is signed. */
  readonly signingRegion: string;
  /** Null: CloudTrail has no events. */
  readonly eventHistory: EventHistory | null;
  /** Whether the account has activated STS in the Region for which the request is signed. */
  readonly hasActiveSts: (accountId: string) => boolean;
}

/** Settings for behaviour that the real AWS may show. */
export interface Behaviour {
  /** Milliseconds until a last accessed report is ready. Two numbers are the 5th and 95th percentile. */
  readonly reportMs: number | readonly [number, number];
  /** Share (0 to 1) of last accessed reports that fail, of principals and of the organization. */
  readonly failedReports: number;
  /** Maximum number of reports about the organization that are generated at the same time. */
  readonly accessReportsAtOnce: number;
  /** Roots, units and accounts whose reports fail (IDs). */
  readonly failedAccessReports: readonly string[];
  /** Maximum number of entries on a page, whatever the caller requests. */
  readonly largestPage: number;
  /** Draws each page's size at random, from one entry to the requested number. AWS does not promise full pages. */
  readonly randomPages: boolean;
  /** Maximum number of actions in a request to SimulatePrincipalPolicy. */
  readonly maxActions: number;
  /** Actions that SimulatePrincipalPolicy refuses. */
  readonly refusedActions: readonly string[];
}

export type Operation = (context: OperationContext) => XmlValue;

/** @throws ServiceError ValidationError */
export function parameter({ parameters }: OperationContext, name: string): string {
  const value = parameters.get(name);
  if (value !== null && value !== '') return value;
  throw new ServiceError(
    400,
    'ValidationError',
    `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  );
}

/** The value of an optional parameter. Default: the first one. @throws ServiceError ValidationError */
export function oneOf({ parameters }: OperationContext, name: string, values: readonly [string, ...string[]]): string {
  const value = parameters.get(name) ?? values[0];
  if (values.includes(value)) return value;
  throw notInEnum(name, value, values);
}

/** AWS's answer to a value that the service's model does not have. */
export const notInEnum = (name: string, value: string, values: readonly string[]): ServiceError =>
  new ServiceError(
    400,
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`,
  );

/** The values of `Name.member.1`, `Name.member.2`, and so on. */
export function members({ parameters }: OperationContext, name: string): string[] {
  const values: string[] = [];
  for (let n = 1; ; n += 1) {
    const value = parameters.get(`${name}.member.${n}`);
    if (value === null) return values;
    values.push(value);
  }
}

export const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** One page of `items`, and IAM's response fields for pagination. @throws ServiceError ValidationError */
export function page<T>(
  { parameters, behaviour, random }: OperationContext,
  items: readonly T[],
): { items: readonly T[]; rest: { IsTruncated: boolean; Marker: string | null } } {
  const requested = Number(parameters.get('MaxItems') ?? 100);
  if (!Number.isInteger(requested) || requested < 1 || requested > 1_000) {
    throw new ServiceError(
      400,
      'ValidationError',
      `1 validation error detected: Value '${requested}' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000`,
    );
  }
  const from = Number(parameters.get('Marker') ?? 0);
  if (!Number.isInteger(from) || from < 0 || from > items.length) {
    throw new ServiceError(400, 'ValidationError', 'Invalid Marker.');
  }
  const maximum = Math.min(requested, behaviour.largestPage);
  const to = from + (behaviour.randomPages ? 1 + Math.floor(random() * maximum) : maximum);
  const more = to < items.length;
  return { items: items.slice(from, to), rest: { IsTruncated: more, Marker: more ? String(to) : null } };
}
