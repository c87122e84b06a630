import { HttpResponse, type HttpHandler, type HttpRequest } from '@smithy/core/protocols';
import { Readable } from 'node:stream';
import { EmulatedBucket } from './bucket.ts';
import { answerTo, type EmulatedS3Settings } from './server.ts';

/** Passes the requests of S3 clients to an emulated S3 in this process. The bucket's name is in the path. */
export class InProcessS3 implements HttpHandler {
  readonly buckets: ReadonlyMap<string, EmulatedBucket>;

  constructor(private readonly settings: EmulatedS3Settings) {
    this.buckets = new Map(settings.buckets.map((name) => [name, new EmulatedBucket(settings.now)]));
  }

  async handle({ method, path, query, headers, body }: HttpRequest): Promise<{ response: HttpResponse }> {
    const parameters = Object.entries(query).flatMap(([name, value]) =>
      [value ?? ''].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`),
    );
    const answer = answerTo(this.settings, this.buckets, {
      method,
      url: `${path}?${parameters.join('&')}`,
      headers,
      body: await bytesOf(body),
    });
    const given = Object.entries(answer.headers ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
    return {
      response: new HttpResponse({
        statusCode: answer.status,
        headers: Object.fromEntries(given),
        body: Readable.from([Buffer.from(answer.body ?? '')], { objectMode: false }),
      }),
    };
  }

  updateHttpClientConfig(): void {
    // There is nothing to configure.
  }

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }
}

/** The body of a request: a text, bytes or a stream of them; undefined if there is none. */
async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  if (!(body instanceof Readable)) throw new Error('A request body of this type is not emulated.');
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(await bytesOf(part));
  return Buffer.concat(parts);
}
