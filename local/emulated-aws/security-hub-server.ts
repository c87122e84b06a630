import * as v from 'valibot';
import { bodyOf, listenOnLoopback, type LoopbackServer } from './loopback.ts';
import { ServiceError } from './service-error.ts';

export interface EmulatedSecurityHubSettings {
  /** The caller's account. */
  readonly accountId: string;
  /** Called before each request. An error that it throws is the response. */
  readonly onRequest?: (accessKeyId: string) => void;
}

export interface EmulatedSecurityHub extends LoopbackServer {
  /** By ID: whether the finding is active or archived. */
  readonly findings: ReadonlyMap<string, string>;
  /** Number of findings in each call. */
  readonly calls: readonly number[];
}

const MOST_FINDINGS = 100;
const Import = v.object({
  Findings: v.array(
    v.object({ Id: v.string(), AwsAccountId: v.string(), ProductArn: v.string(), RecordState: v.string() }),
  ),
});

/** Serves BatchImportFindings of Security Hub on loopback, with the limits that AWS documents. */
export async function startEmulatedSecurityHub(settings: EmulatedSecurityHubSettings): Promise<EmulatedSecurityHub> {
  const findings = new Map<string, string>();
  const calls: number[] = [];
  const server = await listenOnLoopback(async (request, response) => {
    const respond = (status: number, body: object, headers = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    try {
      if (request.url !== '/findings/import') throw new ServiceError(404, 'InvalidInputException', 'Not emulated');
      settings.onRequest?.(/Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '');
      const { Findings } = v.parse(Import, JSON.parse((await bodyOf(request)).toString()));
      if (Findings.length === 0 || Findings.length > MOST_FINDINGS)
        throw new ServiceError(400, 'InvalidInputException', 'Findings must have 1 to 100 members');
      for (const { AwsAccountId, ProductArn } of Findings) {
        const own = AwsAccountId === settings.accountId && ProductArn.endsWith(`:product/${AwsAccountId}/default`);
        if (!own) throw new ServiceError(403, 'AccessDeniedException', `not authorized on resource: ${ProductArn}`);
      }
      calls.push(Findings.length);
      for (const { Id, RecordState } of Findings) findings.set(Id, RecordState);
      respond(200, { FailedCount: 0, SuccessCount: Findings.length, FailedFindings: [] });
    } catch (error: unknown) {
      const fault = error instanceof ServiceError ? error : new ServiceError(500, 'InternalException', String(error));
      respond(fault.status, { Message: fault.message }, { 'x-amzn-errortype': fault.code });
    }
  });
  return { ...server, findings, calls };
}
