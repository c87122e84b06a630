import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { Clock, Random } from '../../core/clock.ts';
import type { EmulatedAccount } from './account.ts';
import { generateCredentialReport, getCredentialReport } from './operations/credential-report.ts';
import { getAccountAuthorizationDetails } from './operations/inventory.ts';
import { generateServiceLastAccessedDetails, getServiceLastAccessedDetails } from './operations/last-accessed.ts';
import type { Behaviour, Operation, OperationContext } from './operations/operation.ts';
import { simulatePrincipalPolicy } from './operations/simulation.ts';
import { stsOperations } from './operations/sts.ts';
import { ServiceError } from './service-error.ts';
import { Sessions, type IssuedCredentials } from './sessions.ts';
import { TokenBucket } from './token-bucket.ts';
import { toXml } from './xml.ts';

export interface Limit {
  /** Calls per second. */
  readonly rate: number;
  readonly size: number;
}

export interface EmulatedAwsSettings {
  readonly accounts: readonly EmulatedAccount[];
  readonly clock: Clock;
  readonly random: Random;
  /** The bucket of each IAM operation in each account; null: nothing is throttled. */
  readonly limit: Limit | null;
  /** Shares of requests that meet a fault. */
  readonly faults?: { readonly reset: number; readonly serverError: number; readonly unavailable: number };
  /** Actions that are denied, such as `iam:GenerateCredentialReport`, by account. */
  readonly denied?: Readonly<Record<string, readonly string[]>>;
  readonly behaviour?: Partial<Behaviour>;
}

export interface OperationCounters {
  received: number;
  throttled: number;
  faulted: number;
}

export interface EmulatedAws {
  readonly url: string;
  readonly accounts: ReadonlyMap<string, EmulatedAccount>;
  /** By `account service:Operation`. */
  readonly counters: ReadonlyMap<string, OperationCounters>;
  issueUser(accountId: string, userName: string): IssuedCredentials;
  close(): Promise<void>;
}

const iamOperations: Readonly<Record<string, Operation>> = {
  GetAccountAuthorizationDetails: getAccountAuthorizationDetails,
  GenerateServiceLastAccessedDetails: generateServiceLastAccessedDetails,
  GetServiceLastAccessedDetails: getServiceLastAccessedDetails,
  SimulatePrincipalPolicy: simulatePrincipalPolicy,
  GenerateCredentialReport: generateCredentialReport,
  GetCredentialReport: getCredentialReport,
};

const services = {
  iam: { operations: iamOperations, namespace: 'https://iam.amazonaws.com/doc/2010-05-08/' },
  sts: { operations: stsOperations, namespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
};

const usual: Behaviour = {
  reportMs: 1_500,
  failedReports: 0,
  largestPage: 1_000,
  mostActions: 1_000,
  refusedActions: [],
};

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** IAM and STS on loopback, for SDK clients whose endpoint is set to its address. */
export async function startEmulatedAws(settings: EmulatedAwsSettings): Promise<EmulatedAws> {
  const emulation = new Emulation(settings);
  const server = createServer((request, response) => {
    void emulation.serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = v.parse(v.object({ port: v.number() }), server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    accounts: emulation.accounts,
    counters: emulation.counters,
    issueUser: (accountId, userName) => emulation.issueUser(accountId, userName),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

class Emulation {
  readonly accounts: Map<string, EmulatedAccount>;
  readonly counters = new Map<string, OperationCounters>();
  readonly #sessions = new Sessions();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #reports: OperationContext['reports'] = new Map();
  readonly #credentialReports: OperationContext['credentialReports'] = new Map();

  constructor(private readonly settings: EmulatedAwsSettings) {
    this.accounts = new Map(settings.accounts.map((account) => [account.accountId, account]));
  }

  issueUser(accountId: string, userName: string): IssuedCredentials {
    const arn = `arn:aws:iam::${accountId}:user/${userName}`;
    return this.#sessions.issue({ accountId, arn, userId: userName, kind: 'user', expiresAt: null });
  }

  /** Never rejects: what goes wrong is answered as a fault of the server. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(v.parse(v.instance(Buffer), chunk));
      const answer = this.#answer(request.headers, Buffer.concat(chunks).toString());
      if (answer === 'reset') {
        request.socket.resetAndDestroy();
        return;
      }
      response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body);
    } catch (error: unknown) {
      response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    }
  }

  #answer(headers: IncomingMessage['headers'], body: string): Answer | 'reset' {
    const parameters = new URLSearchParams(body);
    const action = parameters.get('Action') ?? '';
    const service = action in stsOperations ? 'sts' : 'iam';
    const { operations, namespace } = services[service];
    try {
      const now = this.settings.clock.now();
      const token = headers['x-amz-security-token'];
      const session = this.#sessions.authenticate(
        { authorization: headers.authorization, 'x-amz-security-token': typeof token === 'string' ? token : undefined },
        now,
      );
      const account = this.accounts.get(session.accountId);
      const operation = operations[action];
      const counters = this.#counters(`${session.accountId} ${service}:${action}`);
      counters.received += 1;
      if (operation === undefined || account === undefined) {
        throw new ServiceError(400, 'InvalidAction', `Could not find operation ${action} for version 2010-05-08`);
      }
      if (service === 'iam' && !this.#bucketAllows(session.accountId, action, now)) {
        counters.throttled += 1;
        throw new ServiceError(400, 'Throttling', 'Rate exceeded');
      }
      const fault = service === 'iam' ? this.#fault() : null;
      if (fault !== null) {
        counters.faulted += 1;
        return fault;
      }
      if (this.settings.denied?.[session.accountId]?.includes(`${service}:${action}`) === true) {
        throw new ServiceError(
          403,
          'AccessDenied',
          `User: ${session.arn} is not authorized to perform: ${service}:${action} on resource: *`,
        );
      }
      const result = operation({
        account,
        accounts: this.accounts,
        session,
        sessions: this.#sessions,
        parameters,
        clock: this.settings.clock,
        random: this.settings.random,
        reports: this.#reports,
        credentialReports: this.#credentialReports,
        behaviour: { ...usual, ...this.settings.behaviour },
      });
      const inner = `${toXml(`${action}Result`, result)}${toXml('ResponseMetadata', { RequestId: randomUUID() })}`;
      return { status: 200, body: `<${action}Response xmlns="${namespace}">${inner}</${action}Response>` };
    } catch (error: unknown) {
      if (!(error instanceof ServiceError)) throw error;
      const inner = `${toXml('Error', { Type: 'Sender', Code: error.code, Message: error.message })}${toXml('RequestId', randomUUID())}`;
      return { status: error.status, body: `<ErrorResponse xmlns="${namespace}">${inner}</ErrorResponse>` };
    }
  }

  #fault(): Answer | 'reset' | null {
    const { faults, random } = this.settings;
    if (faults === undefined) return null;
    const drawn = random();
    if (drawn < faults.reset) return 'reset';
    if (drawn < faults.reset + faults.unavailable)
      return { status: 503, body: '<html><body>Service Unavailable</body></html>' };
    if (drawn < faults.reset + faults.unavailable + faults.serverError) {
      throw new ServiceError(500, 'ServiceFailure', 'The request processing has failed because of an unknown error.');
    }
    return null;
  }

  #bucketAllows(accountId: string, action: string, now: number): boolean {
    const { limit } = this.settings;
    if (limit === null) return true;
    const key = `${accountId} ${action}`;
    const bucket = this.#buckets.get(key) ?? new TokenBucket({ ...limit, now });
    this.#buckets.set(key, bucket);
    return bucket.take(now);
  }

  #counters(key: string): OperationCounters {
    const counters = this.counters.get(key) ?? { received: 0, throttled: 0, faulted: 0 };
    this.counters.set(key, counters);
    return counters;
  }
}
