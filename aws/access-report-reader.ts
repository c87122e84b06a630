import {
  GenerateOrganizationsAccessReportCommand,
  GetOrganizationsAccessReportCommand,
  type AccessDetail,
  type IAMClient,
} from '@aws-sdk/client-iam';
import type { ServiceOfEntity } from '../core/contract/organization-use/organization-use.ts';
import type { CallLedger } from '../core/ports/calls/call-ledger.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { AccessReportPage, AccessReportReader } from '../core/ports/organization-reader.ts';
import { countedCall } from './counted-call.ts';
import { reportPage } from './report-page.ts';
import { optionalNumber, optionalText, optionalTime, requiredList, requiredText } from './required.ts';

const GENERATE = 'GenerateOrganizationsAccessReport';
const GET = 'GetOrganizationsAccessReport';
/** The maximum page size. */
const MAX_ITEMS = 1000;

/** Reads the reports of IAM about an organization with one client. Records every request in the ledger. */
export class SdkAccessReportReader implements AccessReportReader {
  constructor(
    private readonly dependencies: {
      readonly client: IAMClient;
      readonly ledger: CallLedger;
      readonly clock: Clock;
    },
  ) {}

  requestAccessReport(entityPath: string): Promise<string> {
    return countedCall(
      this.dependencies,
      `iam:${GENERATE}`,
      () => this.dependencies.client.send(new GenerateOrganizationsAccessReportCommand({ EntityPath: entityPath })),
      ({ JobId }) => requiredText(JobId, GENERATE, 'JobId'),
    );
  }

  accessReportPage(jobId: string, marker: string | null): Promise<AccessReportPage> {
    return countedCall(
      this.dependencies,
      `iam:${GET}`,
      () =>
        this.dependencies.client.send(
          new GetOrganizationsAccessReportCommand({ JobId: jobId, MaxItems: MAX_ITEMS, Marker: marker ?? undefined }),
        ),
      (response) =>
        reportPage(GET, response, response.ErrorDetails, () =>
          requiredList(response.AccessDetails, GET, 'AccessDetails').map(serviceOf),
        ),
    );
  }
}

const serviceOf = (detail: AccessDetail): ServiceOfEntity => ({
  namespace: requiredText(detail.ServiceNamespace, GET, 'ServiceNamespace'),
  name: requiredText(detail.ServiceName, GET, 'ServiceName'),
  lastAuthenticated: optionalTime(detail.LastAuthenticatedTime, GET, 'LastAuthenticatedTime'),
  region: optionalText(detail.Region, GET, 'Region'),
  entities: optionalNumber(detail.TotalAuthenticatedEntities, GET, 'TotalAuthenticatedEntities') ?? 0,
});
