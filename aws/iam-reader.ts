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
import { countedCall, repeatedOnce } from './counted-call.ts';
import type { ContextEntry } from '../core/contract/account-objects.ts';
import { authorizationPage, lastAccessedPage, simulationPage } from './iam-responses.ts';
import { NO_PASSWORD_POLICY, passwordPolicy } from './password-policy.ts';
import { required, requiredChoice, requiredText, requiredTime } from './required.ts';

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
    const request = { Filter: [...filter], MaxItems: MAX_ITEMS, Marker: marker ?? undefined };
    const read = (): Promise<AuthorizationPage> =>
      this.#count(
        'GetAccountAuthorizationDetails',
        () => this.#client.send(new GetAccountAuthorizationDetailsCommand(request)),
        (response) => authorizationPage(response, filter),
      );
    const page = await repeatedOnce(read);
    // As for a whole answer, the next one is usually readable.
    return page.unreadable.length === 0 ? page : repeatedOnce(read);
  }

  requestLastAccessed(arn: string): Promise<string> {
    const operation = 'GenerateServiceLastAccessedDetails';
    return this.#count(
      operation,
      () => this.#client.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: arn, Granularity: 'ACTION_LEVEL' })),
      ({ JobId }) => requiredText(JobId, operation, 'JobId'),
    );
  }

  lastAccessedPage(jobId: string, marker: string | null): Promise<LastAccessedPage> {
    const request = { JobId: jobId, MaxItems: MAX_ITEMS, Marker: marker ?? undefined };
    return this.#count(
      'GetServiceLastAccessedDetails',
      () => this.#client.send(new GetServiceLastAccessedDetailsCommand(request)),
      lastAccessedPage,
    );
  }

  simulationPage(
    arn: string,
    actions: readonly string[],
    resources: readonly string[],
    marker: string | null,
    context: readonly ContextEntry[] = [],
  ): Promise<SimulationPage> {
    return this.#count(
      'SimulatePrincipalPolicy',
      () =>
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
      simulationPage,
    );
  }

  requestCredentialReport(): Promise<'STARTED' | 'INPROGRESS' | 'COMPLETE'> {
    const operation = 'GenerateCredentialReport';
    return repeatedOnce(() =>
      this.#count(
        operation,
        () => this.#client.send(new GenerateCredentialReportCommand({})),
        ({ State }) => requiredChoice(State, ['STARTED', 'INPROGRESS', 'COMPLETE'], operation, 'State'),
      ),
    );
  }

  credentialReport(): Promise<{ csv: string; generatedAt: string }> {
    const operation = 'GetCredentialReport';
    return repeatedOnce(() =>
      this.#count(
        operation,
        () => this.#client.send(new GetCredentialReportCommand({})),
        ({ Content, GeneratedTime }) => ({
          csv: new TextDecoder().decode(required(Content, operation, 'Content')),
          generatedAt: requiredTime(GeneratedTime, operation, 'GeneratedTime'),
        }),
      ),
    );
  }

  async passwordPolicy(): Promise<PasswordPolicy> {
    const operation = 'GetAccountPasswordPolicy';
    try {
      return await repeatedOnce(() =>
        this.#count(
          operation,
          () => this.#client.send(new GetAccountPasswordPolicyCommand({})),
          (response) => passwordPolicy(required(response.PasswordPolicy, operation, 'PasswordPolicy')),
        ),
      );
    } catch (error: unknown) {
      if (error instanceof AwsFault && error.code === 'NoSuchEntity') return NO_PASSWORD_POLICY;
      throw error;
    }
  }

  #count<Response, Read>(
    operation: string,
    send: () => Promise<Response>,
    read: (response: Response) => Read,
  ): Promise<Read> {
    return countedCall({ ledger: this.#ledger, clock: this.#clock }, `iam:${operation}`, send, read);
  }
}
