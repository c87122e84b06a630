import {
  GenerateCredentialReportCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountPasswordPolicyCommand,
  GetCredentialReportCommand,
  GetServiceLastAccessedDetailsCommand,
  SimulatePrincipalPolicyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import type { PasswordPolicy } from '../core/contract/evidence.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import type { CallLedger } from '../core/ports/calls/call-ledger.ts';
import type { Clock } from '../core/ports/clock.ts';
import type {
  AuthorizationFilter,
  AuthorizationPage,
  IamReader,
  LastAccessedPage,
  SimulationPage,
} from '../core/ports/iam.ts';
import { countedCall } from './counted-call.ts';
import type { ContextEntry } from '../core/contract/account-objects.ts';
import { authorizationPage, lastAccessedPage, simulationPage } from './iam-responses.ts';
import { NO_PASSWORD_POLICY, passwordPolicy } from './password-policy.ts';
import { required } from './required.ts';

/** The maximum page size of these operations. */
const MAX_ITEMS = 1000;

/** Reads IAM with one client, which has one static set of credentials. Records every request in the ledger. */
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
    const response = await this.#count('GetAccountAuthorizationDetails', () =>
      this.#client.send(
        new GetAccountAuthorizationDetailsCommand({
          Filter: [...filter],
          MaxItems: MAX_ITEMS,
          Marker: marker ?? undefined,
        }),
      ),
    );
    return authorizationPage(response, filter);
  }

  async requestLastAccessed(arn: string): Promise<string> {
    const response = await this.#count('GenerateServiceLastAccessedDetails', () =>
      this.#client.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: arn, Granularity: 'ACTION_LEVEL' })),
    );
    return required(response.JobId, 'GenerateServiceLastAccessedDetails', 'JobId');
  }

  async lastAccessedPage(jobId: string, marker: string | null): Promise<LastAccessedPage> {
    const response = await this.#count('GetServiceLastAccessedDetails', () =>
      this.#client.send(
        new GetServiceLastAccessedDetailsCommand({ JobId: jobId, MaxItems: MAX_ITEMS, Marker: marker ?? undefined }),
      ),
    );
    return lastAccessedPage(response);
  }

  async simulationPage(
    arn: string,
    actions: readonly string[],
    resources: readonly string[],
    marker: string | null,
    context: readonly ContextEntry[] = [],
  ): Promise<SimulationPage> {
    const response = await this.#count('SimulatePrincipalPolicy', () =>
      this.#client.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: arn,
          ActionNames: [...actions],
          ResourceArns: resources.length === 0 ? undefined : [...resources],
          ContextEntries:
            context.length === 0
              ? undefined
              : context.map(({ name, type, values }) => ({
                  ContextKeyName: name,
                  ContextKeyType: type,
                  ContextKeyValues: [...values],
                })),
          MaxItems: MAX_ITEMS,
          Marker: marker ?? undefined,
        }),
      ),
    );
    return simulationPage(response);
  }

  async requestCredentialReport(): Promise<'STARTED' | 'INPROGRESS' | 'COMPLETE'> {
    const response = await this.#count('GenerateCredentialReport', () =>
      this.#client.send(new GenerateCredentialReportCommand({})),
    );
    return required(response.State, 'GenerateCredentialReport', 'State');
  }

  async credentialReport(): Promise<{ csv: string; generatedAt: string }> {
    const response = await this.#count('GetCredentialReport', () =>
      this.#client.send(new GetCredentialReportCommand({})),
    );
    return {
      csv: new TextDecoder().decode(required(response.Content, 'GetCredentialReport', 'Content')),
      generatedAt: required(response.GeneratedTime, 'GetCredentialReport', 'GeneratedTime').toISOString(),
    };
  }

  async passwordPolicy(): Promise<PasswordPolicy> {
    try {
      const response = await this.#count('GetAccountPasswordPolicy', () =>
        this.#client.send(new GetAccountPasswordPolicyCommand({})),
      );
      return passwordPolicy(required(response.PasswordPolicy, 'GetAccountPasswordPolicy', 'PasswordPolicy'));
    } catch (error: unknown) {
      if (error instanceof AwsFault && error.code === 'NoSuchEntity') return NO_PASSWORD_POLICY;
      throw error;
    }
  }

  #count<T>(operation: string, send: () => Promise<T>): Promise<T> {
    return countedCall({ ledger: this.#ledger, clock: this.#clock }, `iam:${operation}`, send);
  }
}
