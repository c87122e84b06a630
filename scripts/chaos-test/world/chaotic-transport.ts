import { HttpResponse, type HttpHandler, type HttpRequest } from '@smithy/core/protocols';
import type { Random } from '../../../core/ports/clock.ts';
import { errorResponse, gatewayPage, readCall, type EmulatedCall } from '../../../local/emulated-aws/protocol.ts';
import { ServiceError } from '../../../local/emulated-aws/service-error.ts';
import type { VirtualClock } from '../../../local/virtual-clock.ts';
import type { FaultLog } from './fault-log.ts';
import type { Life } from './life.ts';
import { pick, type ChaosPlan } from './plan.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const FAULT_LATENCY_MS = 100;
/** Reports of a day without faults are ready earlier. */
const SLOW_REPORT_MS = 30_000;

type Answer = { readonly response: HttpResponse };

/** What the wire knows about all requests of a seed. */
export interface WireState {
  readonly plan: ChaosPlan;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly log: FaultLog;
  /** By operation, such as `iam:SimulatePrincipalPolicy`: requests that were sent. */
  readonly sent: Map<string, number>;
  /** By access key of a session: when it was first used, and its account. */
  readonly sessions: Map<string, { readonly since: number; readonly accountId: string | null }>;
  /** By JobId: the principal of the report, whether the report vanishes, and when it was requested. */
  readonly reports: Map<string, { readonly arn: string; readonly vanishes: boolean; readonly askedAt: number }>;
  /** Faults happen only on some days. Milliseconds since the epoch; null: not now. */
  chaosSince: number | null;
  readonly closedAccounts: ReadonlySet<string>;
}

const text = (body: unknown): string => (ArrayBuffer.isView(body) ? decoder.decode(body) : String(body));
const reset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

/** Sends the requests of one container's clients to the emulated AWS, with the faults of the plan. */
export class ChaoticTransport implements HttpHandler {
  constructor(
    private readonly state: WireState,
    private readonly inner: HttpHandler,
    /** The life of the invocation that the container runs now. */
    private readonly life: () => Life,
  ) {}

  async handle(request: HttpRequest): Promise<Answer> {
    const { clock, sent } = this.state;
    const life = this.life();
    await clock.release(() => life.before());
    const call = readCall({ headers: request.headers, body: text(request.body) });
    const operation = `${call.service}:${call.action}`;
    sent.set(operation, (sent.get(operation) ?? 0) + 1);
    const answer = await this.#answer(request, call, operation).catch((error: unknown) => error);
    await clock.release(() => life.after());
    if (answer instanceof Error) throw answer;
    if (!isAnswer(answer)) throw new Error('The emulated AWS gave no answer.');
    return answer;
  }

  updateHttpClientConfig(): void {
    // There is nothing to configure.
  }

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }

  async #answer(request: HttpRequest, call: EmulatedCall, operation: string): Promise<Answer> {
    const { plan, random, log, chaosSince } = this.state;
    const arn = this.#arnOf(call);
    const refusal = this.#refusal(request, call, operation, arn);
    if (refusal !== null) return this.#late(refusal);
    const hit = (kind: 'reset' | 'serverError' | 'cutShort' | 'malformed'): boolean => {
      const isHit = chaosSince !== null && plan.kinds.has(kind) && random() < plan.intensity;
      if (isHit) log.add(kind, arn);
      return isHit;
    };
    if (hit('serverError')) {
      const page = gatewayPage(503);
      if (call.service !== 'iam' || random() < 0.5) return this.#late(responseOf(errorResponse(call, failure())));
      return this.#late(responseOf(page));
    }
    const isReset = hit('reset');
    if (isReset && random() < 0.5) throw reset();
    const answer = await this.inner.handle(request, {});
    if (isReset) throw reset();
    this.#remember(call, answer.response, arn);
    if (answer.response.statusCode !== 200) return answer;
    if (hit('cutShort')) {
      if (random() < 0.5) throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
      return withBody(answer.response, (body) => body.slice(0, Math.floor(body.length * random())));
    }
    if (hit('malformed')) return withBody(answer.response, (body) => malformed(body, random));
    return answer;
  }

  /** The answer of an AWS that refuses the call; null if it does not. */
  #refusal(request: HttpRequest, call: EmulatedCall, operation: string, arn: string | null): HttpResponse | null {
    const { plan, clock, log, chaosSince, sessions, closedAccounts } = this.state;
    const key = accessKeyOf(request);
    const session = sessions.get(key);
    const refuse = (status: number, code: string, message: string): HttpResponse =>
      responseOf(errorResponse(call, new ServiceError(status, code, message)));
    if (session !== undefined && closedAccounts.has(session.accountId ?? '')) {
      log.add('accountCloses');
      return refuse(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
    }
    const role = call.parameters.get('RoleArn')?.split(':')[4];
    if (call.action === 'AssumeRole' && closedAccounts.has(role ?? '')) {
      log.add('accountCloses');
      return refuse(403, 'AccessDenied', `User is not authorized to perform: sts:AssumeRole on ${role ?? ''}`);
    }
    if (chaosSince === null) return null;
    const dayMs = clock.now() - chaosSince;
    const end = plan.sessionEnds.findLast((at) => at <= dayMs);
    if (session !== undefined && end !== undefined && session.since < chaosSince + end) {
      log.add('sessionExpires', arn);
      return refuse(403, 'ExpiredToken', 'The security token included in the request is expired');
    }
    const inStorm = plan.storms.some(
      ({ fromMs, toMs, operations }) => fromMs <= dayMs && dayMs < toMs && operations.includes(operation),
    );
    if (inStorm) {
      log.add('storm', arn);
      return refuse(400, 'Throttling', 'Rate exceeded');
    }
    const report = this.state.reports.get(call.parameters.get('JobId') ?? '');
    if (call.action === 'GetServiceLastAccessedDetails' && report?.vanishes === true) {
      log.add('reportVanishes', arn);
      return refuse(404, 'NoSuchEntity', 'The job cannot be found.');
    }
    return null;
  }

  #arnOf({ parameters }: EmulatedCall): string | null {
    const report = this.state.reports.get(parameters.get('JobId') ?? '');
    return report?.arn ?? parameters.get('PolicySourceArn') ?? parameters.get('Arn');
  }

  #remember(call: EmulatedCall, response: HttpResponse, arn: string | null): void {
    const { sessions, reports, clock, plan, random, chaosSince } = this.state;
    const body = text(response.body);
    const issued = /<AccessKeyId>(\w+)</.exec(body)?.[1];
    const accountId = call.parameters.get('RoleArn')?.split(':')[4] ?? null;
    if (call.action === 'AssumeRole' && issued !== undefined) sessions.set(issued, { since: clock.now(), accountId });
    this.#logReport(body, call);
    const jobId = /<JobId>([\w-]+)</.exec(body)?.[1];
    if (call.action !== 'GenerateServiceLastAccessedDetails' || jobId === undefined || arn === null) return;
    const vanishes = chaosSince !== null && plan.kinds.has('reportVanishes') && random() < 3 * plan.intensity;
    reports.set(jobId, { arn, vanishes, askedAt: clock.now() });
  }

  /** Only the emulation knows whether a report fails or is slow, until an answer says it. */
  #logReport(body: string, { parameters }: EmulatedCall): void {
    const report = this.state.reports.get(parameters.get('JobId') ?? '');
    if (report === undefined) return;
    if (body.includes('<JobStatus>FAILED<')) this.state.log.add('reportFails', report.arn);
    const isSlow = this.state.clock.now() - report.askedAt > SLOW_REPORT_MS;
    if (isSlow && body.includes('<JobStatus>IN_PROGRESS<')) this.state.log.add('reportSlow', report.arn);
  }

  async #late(response: HttpResponse): Promise<Answer> {
    const { clock } = this.state;
    await clock.release(() => clock.sleep(FAULT_LATENCY_MS));
    return { response };
  }
}

const isAnswer = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && 'response' in value;

const failure = (): ServiceError =>
  new ServiceError(500, 'ServiceFailure', 'The request processing has failed because of an unknown error.');

const accessKeyOf = ({ headers }: HttpRequest): string =>
  /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';

const responseOf = ({ status, contentType, body }: ReturnType<typeof gatewayPage>): HttpResponse =>
  new HttpResponse({ statusCode: status, headers: { 'content-type': contentType }, body: encoder.encode(body) });

function withBody(response: HttpResponse, change: (body: string) => string): Answer {
  const { statusCode, headers } = response;
  return { response: new HttpResponse({ statusCode, headers, body: encoder.encode(change(text(response.body))) }) };
}

/** Damages a body so that no parser may accept it. */
function malformed(body: string, random: Random): string {
  const damage = pick(random, ['empty', 'noEnd', 'noStart', 'tag', 'text'] as const);
  switch (damage) {
    case 'empty':
      return '';
    case 'noEnd':
      return body.replace(/<\/\w+>$|}$/, '');
    case 'noStart':
      return body.slice(Math.floor(body.length / 2));
    case 'tag': {
      const tags = [...body.matchAll(/<\/\w+>/g)];
      const at = tags[Math.floor(random() * tags.length)]?.index ?? 0;
      return `${body.slice(0, at)}</unexpected>${body.slice(at)}`;
    }
    case 'text':
      return 'upstream connect error';
  }
}
