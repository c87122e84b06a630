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
import { required } from './required.ts';

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

  async requestAccessReport(entityPath: string): Promise<string> {
    const response = await countedCall(this.dependencies, `iam:${GENERATE}`, () =>
      this.dependencies.client.send(new GenerateOrganizationsAccessReportCommand({ EntityPath: entityPath })),
    );
    return required(response.JobId, GENERATE, 'JobId');
  }

  async accessReportPage(jobId: string, marker: string | null): Promise<AccessReportPage> {
    const response = await countedCall(this.dependencies, `iam:${GET}`, () =>
      this.dependencies.client.send(
        new GetOrganizationsAccessReportCommand({ JobId: jobId, MaxItems: MAX_ITEMS, Marker: marker ?? undefined }),
      ),
    );
    return reportPage(GET, response, response.ErrorDetails, () =>
      required(response.AccessDetails, GET, 'AccessDetails').map(serviceOf),
    );
  }
}

const serviceOf = (detail: AccessDetail): ServiceOfEntity => ({
  namespace: required(detail.ServiceNamespace, GET, 'ServiceNamespace'),
  name: required(detail.ServiceName, GET, 'ServiceName'),
  lastAuthenticated: detail.LastAuthenticatedTime?.toISOString() ?? null,
  region: detail.Region ?? null,
  entities: detail.TotalAuthenticatedEntities ?? 0,
});
