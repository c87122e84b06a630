import type { JobStatusType } from '@aws-sdk/client-iam';
import type { ReportPage } from '../core/ports/pages.ts';
import { required } from './required.ts';

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
  const status = required(response.JobStatus, operation, 'JobStatus');
  switch (status) {
    case 'IN_PROGRESS':
      return { status };
    case 'FAILED':
      return {
        status,
        code: error?.Code ?? 'ReportFailed',
        message: error?.Message ?? 'AWS returned no reason.',
      };
    case 'COMPLETED':
      return {
        status,
        completedAt: required(response.JobCompletionDate, operation, 'JobCompletionDate').toISOString(),
        services: services(),
        marker: nextMarker(response),
      };
  }
}

/** A truncated page must have a marker. Without it the listing would end early without an error. */
export function nextMarker({ IsTruncated, Marker }: Pick<ReportResponse, 'IsTruncated' | 'Marker'>): string | null {
  return IsTruncated === true ? required(Marker, 'a truncated page', 'Marker') : null;
}
