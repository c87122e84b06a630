import type { JobStatusType } from '@aws-sdk/client-iam';
import type { ReportPage } from '../core/ports/pages.ts';
import { optionalFlag, optionalText, requiredChoice, requiredText, requiredTime } from './required.ts';

/** The fields that the responses about all reports have. */
interface ReportResponse {
  readonly JobStatus?: JobStatusType | undefined;
  readonly JobCompletionDate?: Date | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/**
 * @param error why AWS could not make the report
 * @param services called only for a finished report
 */
export function reportPage<Service>(
  operation: string,
  response: ReportResponse,
  error: { readonly Code?: string | undefined; readonly Message?: string | undefined } | undefined,
  services: () => readonly Service[],
): ReportPage<Service> {
  const status = requiredChoice(response.JobStatus, ['IN_PROGRESS', 'FAILED', 'COMPLETED'], operation, 'JobStatus');
  switch (status) {
    case 'IN_PROGRESS':
      return { status };
    case 'FAILED':
      return {
        status,
        code: optionalText(error?.Code, operation, 'Code') ?? 'ReportFailed',
        message: optionalText(error?.Message, operation, 'Message') ?? 'AWS returned no reason.',
      };
    case 'COMPLETED':
      return {
        status,
        completedAt: requiredTime(response.JobCompletionDate, operation, 'JobCompletionDate'),
        services: services(),
        marker: nextMarker(response),
      };
  }
}

/** A truncated page must have a marker. Without it the listing would end early without an error. */
export function nextMarker({ IsTruncated, Marker }: Pick<ReportResponse, 'IsTruncated' | 'Marker'>): string | null {
  const operation = 'a truncated page';
  return optionalFlag(IsTruncated, operation, 'IsTruncated') === true
    ? requiredText(Marker, operation, 'Marker')
    : null;
}
