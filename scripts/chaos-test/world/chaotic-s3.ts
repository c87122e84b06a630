import { S3Client } from '@aws-sdk/client-s3';
import { HttpResponse, type HttpHandler, type HttpRequest } from '@smithy/core/protocols';
import { S3Store } from '../../../aws/s3-store.ts';
import type { Random } from '../../../core/ports/clock.ts';
import type { ObjectStore } from '../../../core/ports/store.ts';
import { InProcessS3 } from '../../../local/emulated-aws/s3/in-process.ts';
import type { VirtualClock } from '../../../local/virtual-clock.ts';
import { inVirtualTime } from '../../../local/virtual-store.ts';
import type { FaultLog } from './fault-log.ts';
import { pick, type ChaosPlan } from './plan.ts';

const BUCKET = 'results';

export interface S3State {
  readonly plan: ChaosPlan;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly log: FaultLog;
  readonly isChaos: () => boolean;
}

/**
 * Faults of single requests to S3. The SDK repeats each of them, so that most are not seen by the store: it must still be correct if a
 * request that is repeated was successful the first time.
 */
class ChaoticS3 implements HttpHandler {
  constructor(
    private readonly s3: InProcessS3,
    private readonly state: S3State,
  ) {}

  async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    const { plan, random, log, isChaos } = this.state;
    if (!isChaos() || !plan.kinds.has('storeRefuses') || random() >= plan.intensity) return this.s3.handle(request);
    log.add('storeRefuses');
    switch (pick(random, ['slowDown', 'internalError', 'reset', 'answerLost'] as const)) {
      case 'slowDown':
        return errorOf(503, 'SlowDown', 'Please reduce your request rate.');
      case 'internalError':
        return errorOf(500, 'InternalError', 'We encountered an internal error. Please try again.');
      case 'reset':
        throw reset();
      case 'answerLost':
        await this.s3.handle(request);
        throw reset();
    }
  }

  updateHttpClientConfig(): void {
    // There is nothing to configure.
  }

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }
}

const reset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

const errorOf = (statusCode: number, code: string, message: string): { response: HttpResponse } => ({
  response: new HttpResponse({
    statusCode,
    headers: { 'content-type': 'application/xml' },
    body: new TextEncoder().encode(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`),
  }),
});

/** The product's store on an emulated S3 in this process, with faults of single requests. */
export function chaoticS3Store(state: S3State): ObjectStore {
  const { clock } = state;
  const s3 = new InProcessS3({ buckets: [BUCKET], now: () => clock.now() });
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: 'http://s3.invalid',
    forcePathStyle: true,
    credentials: { accessKeyId: 'chaos', secretAccessKey: 'chaos' },
    requestHandler: new ChaoticS3(s3, state),
  });
  return inVirtualTime(new S3Store({ client, bucket: BUCKET }), clock);
}
