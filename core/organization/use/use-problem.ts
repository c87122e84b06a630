import type { OrganizationUseLine } from '../../contract/organization-use/organization-use.ts';
import { organizationUseReads } from '../../contract/permissions.ts';
import type { FailureCause, OrganizationUseProblem } from '../../contract/run.ts';
import type { Entity } from './entities.ts';

/** The result of an entity for which there was not enough time. */
export const unfinished: FailureCause = {
  code: 'Unfinished',
  message: 'AWS did not give this report during the run.',
};

const notAffected = 'The audit of principals is not affected.';

/** Why AWS gives no reports at all, with AWS's code and message. */
export const refusalProblem = (refusal: FailureCause): OrganizationUseProblem => ({
  ...refusal,
  whatToDo: refusal.code.startsWith('AccessDenied')
    ? `Only the management account of the organization may request these reports. Run the audit with its credentials, with permission for ${organizationUseReads.join(', ')}. ${notAffected}`
    : `Check that service control policies are enabled for the root of the organization: AWS makes these reports only then. ${notAffected}`,
});

/** For reports that are missing although AWS makes others; null if none is missing. */
export function missingProblem(
  missing: number,
  all: number,
  first: OrganizationUseLine | null,
): OrganizationUseProblem | null {
  if (missing === 0) return null;
  // Reports of an earlier run may be deleted while this run uses them. Such an entity has no line.
  const { code, message } = first?.problem ?? unfinished;
  const example = first === null ? '' : ` The first is that of ${first.id}: ${message}`;
  return {
    code,
    message: `${missing} of ${all} reports are missing.${example}`,
    whatToDo: `The next run asks for the missing reports. No service control policy is proposed above them. ${notAffected}`,
  };
}

export const lineWithProblem = (entity: Entity, problem: FailureCause): OrganizationUseLine => ({
  ...entity,
  asOf: null,
  carriedFrom: null,
  services: null,
  problem,
});

export const problemInWords = ({ code, message, whatToDo }: OrganizationUseProblem): string =>
  `${code}: ${message.replace(/\.?$/, '.')} ${whatToDo}`;
