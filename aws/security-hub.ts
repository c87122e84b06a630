import {
  BatchImportFindingsCommand,
  type AwsSecurityFinding,
  type SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import * as v from 'valibot';
import type { FindingImporter, RefusedFinding } from '../core/ports/services.ts';
import { toAwsFault } from './sdk-fault.ts';

/** The export has the required fields; `npm run test:exports` checks it against AWS's model. */
const Findings = v.array(
  v.custom<AwsSecurityFinding>((value) => typeof value === 'object' && value !== null && 'ProductArn' in value),
);

/** Imports findings with the SDK. */
export class SecurityHubImporter implements FindingImporter {
  readonly #client: SecurityHubClient;

  constructor(client: SecurityHubClient) {
    this.#client = client;
  }

  /** @throws AwsFault */
  async importFindings(findings: readonly Record<string, unknown>[]): Promise<readonly RefusedFinding[]> {
    try {
      const command = new BatchImportFindingsCommand({ Findings: v.parse(Findings, findings) });
      const { FailedFindings = [] } = await this.#client.send(command);
      return FailedFindings.map(({ Id = '', ErrorCode = '', ErrorMessage = '' }) => ({
        id: Id,
        code: ErrorCode,
        message: ErrorMessage,
      }));
    } catch (error: unknown) {
      throw toAwsFault(error);
    }
  }
}
