import { HttpResponse } from '@smithy/core/protocols';
import type { MiddlewareStack } from '@smithy/types';
import * as v from 'valibot';
import { AwsFault } from '../core/ports/aws-fault.ts';

/** A code of the audit's own: AWS did not send the response. */
export const NOT_FROM_AWS = 'NotFromAws';

/** What is read of an error to which the SDK attached the response. */
const WithResponse = v.object({
  message: v.string(),
  $response: v.object({ statusCode: v.number(), headers: v.record(v.string(), v.string()) }),
  $responseBodyText: v.optional(v.string()),
});

const isHtml = (headers: Readonly<Record<string, string>>): boolean =>
  /^text\/html\b/i.test(headers['content-type'] ?? headers['Content-Type'] ?? '');

/** What sent a response that is not from AWS, in words; null if AWS may have sent it. @param error of an SDK client */
export function foreignResponseInWords(error: unknown): string | null {
  const parsed = v.safeParse(WithResponse, error);
  if (!parsed.success) return null;
  const { message, $response, $responseBodyText } = parsed.output;
  if (isHtml($response.headers)) return inWords($response.statusCode, 'HTML', titleOf($responseBodyText));
  if (!message.includes('Deserialization error') || isOfAwsProtocols($response.headers, $responseBodyText)) return null;
  return inWords($response.statusCode, 'no XML and no JSON', null);
}

/**
 * Whether a response is the XML or JSON of an AWS service, even if the SDK could not read one of its values. The SDK
 * attaches the text only if it is XML that is not well-formed, for example because it was cut short.
 */
const isOfAwsProtocols = (headers: Readonly<Record<string, string>>, text: string | undefined): boolean =>
  text === undefined
    ? /xml|json/i.test(headers['content-type'] ?? headers['Content-Type'] ?? '')
    : /^\s*(?:<\?xml[^>]*\?>\s*)?<(?:\w+Response|\w+Result|Error)\b/.test(text) || /^\s*\{/.test(text);

/** What the SDK could not read of AWS's own answer; null if the error has another reason. @param error of an SDK client */
export function unreadableAnswer(error: unknown): string | null {
  const parsed = v.safeParse(WithResponse, error);
  if (!parsed.success || !parsed.output.message.includes('Deserialization error')) return null;
  const { message, $response } = parsed.output;
  const [reason = ''] = message.split(/\n|\s*Deserialization error/);
  return `AWS's response with the HTTP status ${$response.statusCode} can't be read: ${reason}`;
}

const titleOf = (text = ''): string | null => /<title>\s*([^<]{1,100})/i.exec(text)?.[1]?.trim() ?? null;

const inWords = (status: number, what: string, title: string | null): string =>
  `AWS did not send this response: it is ${what}${title === null ? '' : ` ("${title}")`}, with the HTTP status ${status}. A proxy, firewall or load balancer between this machine and AWS may have sent it`;

/** The fault for such a response. Another attempt may reach AWS. */
export const foreignResponseFault = (words: string, cause?: unknown): AwsFault =>
  new AwsFault('transient', NOT_FROM_AWS, words, { cause });

/**
 * Refuses HTML that the SDK would read as a response without fields. Errors keep their own way, because the SDK repeats
 * some of them.
 */
export function refuseHtml<Input extends object, Output extends object>(stack: MiddlewareStack<Input, Output>): void {
  stack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (HttpResponse.isInstance(response) && response.statusCode < 300 && isHtml(response.headers)) {
        throw foreignResponseFault(inWords(response.statusCode, 'HTML', null));
      }
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'refuseHtml' },
  );
}
