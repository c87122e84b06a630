import {
  GenerateCredentialReportCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetAccountAuthorizationDetailsCommand,
  GetCredentialReportCommand,
  GetServiceLastAccessedDetailsCommand,
  SimulatePrincipalPolicyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import type { CallLedger } from '../core/ports/call-ledger.ts';
import type { Clock } from '../core/ports/clock.ts';
import type {
  AuthorizationFilter,
  AuthorizationPage,
  IamReader,
  LastAccessedPage,
  SimulationPage,
} from '../core/ports/iam.ts';
import { countedCall } from './counted-call.ts';
import { authorizationPage, lastAccessedPage, simulationPage } from './iam-answers.ts';
import { required } from './required.ts';

/** The most that IAM gives on one page of these operations. */
const MAX_ITEMS = 1000;

/** Reads IAM with one client, that is with one static set of credentials, and writes every request into the ledger. */
export class SdkIamReader implements IamReader {
  readonly #client: IAMClient;
  readonly #ledger: CallLedger;
  readonly #clock: Clock;

  constructor(dependencies: { client: IAMClient; ledger: CallLedger; clock: Clock }) {
    this.#client = dependencies.client;
    this.#ledger = dependencies.ledger;
    this.#clock = dependencies.clock;
  }

  async authorizationPage(filter: readonly AuthorizationFilter[], marker: string | null): Promise<AuthorizationPage> {
    const answer = await this.#count('GetAccountAuthorizationDetails', () =>
      this.#client.send(
        new GetAccountAuthorizationDetailsCommand({
          Filter: [...filter],
          MaxItems: MAX_ITEMS,
          Marker: marker ?? undefined,
        }),
      ),
    );
    return authorizationPage(answer);
  }

  async requestLastAccessed(arn: string): Promise<string> {
    const answer = await this.#count('GenerateServiceLastAccessedDetails', () =>
      this.#client.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: arn, Granularity: 'ACTION_LEVEL' })),
    );
    return required(answer.JobId, 'GenerateServiceLastAccessedDetails', 'JobId');
  }

  async lastAccessedPage(jobId: string, marker: string | null): Promise<LastAccessedPage> {
    const answer = await this.#count('GetServiceLastAccessedDetails', () =>
      this.#client.send(
        new GetServiceLastAccessedDetailsCommand({ JobId: jobId, MaxItems: MAX_ITEMS, Marker: marker ?? undefined }),
      ),
    );
    return lastAccessedPage(answer);
  }

  async simulationPage(
    arn: string,
    actions: readonly string[],
    resources: readonly string[],
    marker: string | null,
  ): Promise<SimulationPage> {
    const answer = await this.#count('SimulatePrincipalPolicy', () =>
      this.#client.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: arn,
          ActionNames: [...actions],
          ResourceArns: resources.length === 0 ? undefined : [...resources],
          MaxItems: MAX_ITEMS,
          Marker: marker ?? undefined,
        }),
      ),
    );
    return simulationPage(answer);
  }

  async requestCredentialReport(): Promise<'STARTED' | 'INPROGRESS' | 'COMPLETE'> {
    const answer = await this.#count('GenerateCredentialReport', () =>
      this.#client.send(new GenerateCredentialReportCommand({})),
    );
    return required(answer.State, 'GenerateCredentialReport', 'State');
  }

  async credentialReport(): Promise<{ csv: string; generatedAt: string }> {
    const answer = await this.#count('GetCredentialReport', () =>
      this.#client.send(new GetCredentialReportCommand({})),
    );
    return {
      csv: new TextDecoder().decode(required(answer.Content, 'GetCredentialReport', 'Content')),
      generatedAt: required(answer.GeneratedTime, 'GetCredentialReport', 'GeneratedTime').toISOString(),
    };
  }

  #count<T>(operation: string, send: () => Promise<T>): Promise<T> {
    return countedCall({ ledger: this.#ledger, clock: this.#clock }, `iam:${operation}`, send);
  }
}
