import type { Credentials, Decision, LastAccessed, PrincipalRecord } from '../../contract/evidence.ts';
import type {
  CredentialsRow,
  DaysAgo,
  DecisionRow,
  PrincipalRow,
  ServiceName,
  UsedService,
} from '../../contract/report/report-data.ts';
import { lastActivity } from '../../findings/use/activity.ts';
import type { Values } from './values.ts';

/** Converts records to rows of the report's data. */
export class PrincipalRows {
  constructor(
    private readonly values: Values,
    private readonly daysAgo: (time: string) => DaysAgo,
    private readonly partition: string,
    /** By account ID: its index in `run.accounts`. */
    private readonly accounts: ReadonlyMap<string, number>,
  ) {}

  rowOf(record: PrincipalRecord): PrincipalRow {
    const { accountId, arn, type, name, path, tags, problems, managedBy, trust, credentials } = record;
    const { lastAccessed, permissions } = record;
    const { values } = this;
    const plain = `arn:${this.partition}:iam::${accountId}:${type}${path}${name}`;
    const activity = lastActivity(record);
    const tagList = Object.entries(tags);
    const can = permissions.decisions.filter(isShown).map(decisionRow);
    const unused = lastAccessed.services.filter(({ lastAuthenticated }) => lastAuthenticated === null).map(serviceName);
    const lAsOf = this.daysAgo(lastAccessed.asOf);
    const pAsOf = this.daysAgo(permissions.asOf);
    return {
      a: this.accounts.get(accountId) ?? -1,
      t: type,
      n: name,
      p: path,
      ...(arn === plain ? {} : { arn }),
      created: this.daysAgo(record.createdAt),
      s: record.status,
      ...(activity.kind === 'unknown' ? {} : { act: activity.kind === 'at' ? this.daysAgo(activity.time) : null }),
      ...(tagList.length === 0 ? {} : { tags: values.ref(tagList) }),
      ...(problems.length === 0
        ? {}
        : { problems: values.ref(problems.map(({ step, code, message }) => `${step}: ${code}: ${message}`)) }),
      ...(managedBy === null ? {} : { managed: managedBy }),
      used: this.#used(lastAccessed),
      ...(unused.length === 0 ? {} : { unused: values.ref(unused) }),
      ...(lastAccessed.status === 'COMPLETE' ? {} : { ls: lastAccessed.status }),
      ...(permissions.status === 'COMPLETE' ? {} : { ps: permissions.status }),
      ...(lAsOf === 0 ? {} : { lAsOf }),
      ...(pAsOf === 0 ? {} : { pAsOf }),
      ...(permissions.source === 'evaluated' ? { evaluated: true } : {}),
      ...(can.length === 0 ? {} : { can: values.ref(can) }),
      ...(trust === null ? {} : { trust: values.ref(trust) }),
      ...(credentials === null ? {} : { cred: this.#credentials(credentials) }),
    };
  }

  #used({ services }: LastAccessed): UsedService[] {
    return services.flatMap((service): UsedService[] => {
      const { lastAuthenticated, region, actions } = service;
      if (lastAuthenticated === null) return [];
      const tracked = actions ?? [];
      const unused = tracked.filter(({ lastAccessed }) => lastAccessed === null).map(({ name }) => name);
      const used = tracked.flatMap(({ name, lastAccessed }) =>
        lastAccessed === null ? [] : [[this.values.ref(name), this.daysAgo(lastAccessed)] as const],
      );
      return [
        [
          this.values.ref(serviceName(service)),
          this.daysAgo(lastAuthenticated),
          region === null ? null : this.values.ref(region),
          used,
          this.values.ref(unused),
        ],
      ];
    });
  }

  #credentials({
    passwordEnabled,
    passwordLastUsed,
    mfaActive,
    accessKeys,
    activeCertificates,
  }: Credentials): CredentialsRow {
    const days = (time: string | null): DaysAgo | null => (time === null ? null : this.daysAgo(time));
    return {
      password: passwordEnabled,
      passwordUsed: days(passwordLastUsed),
      mfa: mfaActive,
      keys: accessKeys.map(({ active, lastUsed, lastRotated }) => [active, days(lastUsed), days(lastRotated)] as const),
      certificates: activeCertificates,
    };
  }
}

const serviceName = ({ namespace, name }: LastAccessed['services'][number]): ServiceName => [namespace, name];

/** Whether an action is allowed somewhere, or may be under a condition, or something above the policies stops it. */
const isShown = ({
  decision,
  missingContext,
  resources,
  allowedByOrganizations,
  allowedByBoundary,
}: Decision): boolean =>
  decision === 'allowed' ||
  missingContext.length > 0 ||
  resources.some((resource) => resource.decision === 'allowed') ||
  allowedByOrganizations === false ||
  allowedByBoundary === false;

const decisionRow = (decision: Decision): DecisionRow => [
  decision.action,
  decision.decision,
  decision.missingContext,
  decision.resources.map((resource) => [resource.arn, resource.decision] as const),
  [
    ...(decision.allowedByOrganizations === false ? (['organization'] as const) : []),
    ...(decision.allowedByBoundary === false ? (['boundary'] as const) : []),
  ],
];
