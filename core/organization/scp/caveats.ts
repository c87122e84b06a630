import { neverProposed } from './never-proposed.ts';

/** What the data can't show. It is part of every proposal (IAM User Guide, "Last accessed information"). */
export const caveats: readonly string[] = [
  'Nothing has been changed in AWS. Test the policies first on a unit with accounts that are not important.',
  'AWS tracks the use of services for about 400 days. A service that is used less often, such as once in two years, looks unused. In accounts and Regions that are newer, the time is shorter.',
  'The field asOf is the time of the oldest report. Use after that time, and up to 4 hours before it, may be missing, and so may later changes of service control policies.',
  'A report contains attempts by authenticated principals: users, roles and the root user. An attempt counts even if it was denied.',
  'iam:PassRole, and most operations on data inside a service, are not tracked by action. A service that another service uses with a service-linked role may look unused; service control policies do not affect service-linked roles.',
  'Service control policies do not affect the management account, and its use of services is not in the reports of its units.',
  'An account that joins the unit later may need a service that is denied here.',
  `These services are never proposed, even if they are unused. ${neverProposed.map(([reason, services]) => `${reason.replace(/\.$/, '')} (${services.join(', ')}).`).join(' ')}`,
];

/** @param inactive number of accounts below the unit that are suspended, closed or not yet activated */
export const inactiveCaveat = (inactive: number): string[] =>
  inactive === 0
    ? []
    : [
        `${inactive} account${inactive === 1 ? ' is' : 's are'} suspended, closed or not yet activated, and no report was requested for ${inactive === 1 ? 'it' : 'them'}. The report of the unit contains the earlier use.`,
      ];
