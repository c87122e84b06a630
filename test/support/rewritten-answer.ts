import type { HttpHandler, HttpRequest, HttpResponse } from '@smithy/core/protocols';
import type { Random } from '../../core/ports/clock.ts';

/** How one answer of AWS is changed. */
export const rewritings = ['removed', 'emptied', 'garbled', 'nested', 'repeated', 'cut', 'html'] as const;
export type Rewriting = (typeof rewritings)[number];

export interface AnsweredCall {
  readonly operation: string;
  /** Parameters of the request. */
  readonly parameters: URLSearchParams;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const textOf = (body: unknown): string => (ArrayBuffer.isView(body) ? decoder.decode(body) : String(body));

function callOf({ headers, body }: HttpRequest): AnsweredCall {
  const parameters = new URLSearchParams(textOf(body));
  const operation = headers['x-amz-target']?.split('.')[1] ?? parameters.get('Action') ?? '';
  return { operation, parameters };
}

/** Passes requests on, and changes the answer to one of them. */
export class RewritingTransport implements HttpHandler {
  /** Number of answers by operation. */
  readonly answers = new Map<string, number>();
  /** The changed answer: its call, and what was changed. */
  rewritten: (AnsweredCall & { readonly element: string }) | null = null;

  /** @param target which answer of which operation. Null: no answer is changed */
  constructor(
    private readonly transport: HttpHandler,
    private readonly random: Random,
    private readonly target: { operation: string; n: number; how: Rewriting } | null,
  ) {}

  async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    const call = callOf(request);
    const { response } = await this.transport.handle(request);
    const n = this.answers.get(call.operation) ?? 0;
    this.answers.set(call.operation, n + 1);
    if (this.target?.operation !== call.operation || this.target.n !== n) return { response };
    const body = textOf(response.body);
    const changed = body.startsWith('{')
      ? rewrittenJson(body, this.target.how, this.random)
      : rewrittenXml(body, this.target.how, this.random);
    this.rewritten = { ...call, element: changed.element };
    response.body = encoder.encode(changed.text);
    return { response };
  }

  updateHttpClientConfig(): void {
    // There is nothing to configure.
  }

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }
}

interface Rewritten {
  readonly text: string;
  /** Name of the changed element. */
  readonly element: string;
}

const GARBAGE = 'UNEXPECTED';
const PAGE = '<html><head><title>Sorry</title></head><body>Something went wrong.<br></body></html>';

function whole(text: string, how: Rewriting, random: Random): Rewritten | null {
  if (how === 'cut') return { text: text.slice(0, Math.floor(random() * text.length)), element: 'the answer' };
  return how === 'html' ? { text: PAGE, element: 'the answer' } : null;
}

function rewrittenXml(text: string, how: Rewriting, random: Random): Rewritten {
  const all = whole(text, how, random);
  if (all !== null) return all;
  // Only what is inside of the result: the rest is the protocol's.
  const from = text.indexOf('Result>') + 'Result>'.length;
  const leaves = how === 'removed' || how === 'repeated' ? /<(\w+)>/g : /<(\w+)>[^<]*(?=<\/\1>)/g;
  const places = [...text.matchAll(leaves)].filter(
    ({ index, 1: name = '' }) => index >= from && !['ResponseMetadata', 'RequestId'].includes(name),
  );
  const place = places[Math.floor(random() * places.length)];
  if (place === undefined) return { text, element: 'nothing' };
  const [matched, name = ''] = place;
  const start = place.index;
  const end = how === 'removed' || how === 'repeated' ? endOf(text, start, name) : start + matched.length;
  const element = text.slice(start, end);
  const replaced: Record<string, string> = {
    removed: '',
    repeated: element + element,
    emptied: `<${name}>`,
    garbled: `<${name}>${GARBAGE}`,
    nested: `<${name}><${GARBAGE}>1</${GARBAGE}>`,
  };
  return { text: text.slice(0, start) + (replaced[how] ?? '') + text.slice(end), element: name };
}

/** The end of the element that starts at a position, with elements of the same name in it. */
function endOf(text: string, start: number, name: string): number {
  const tags = new RegExp(`<(/?)${name}>`, 'g');
  tags.lastIndex = start;
  let depth = 0;
  for (let tag = tags.exec(text); tag !== null; tag = tags.exec(text)) {
    depth += tag[1] === '' ? 1 : -1;
    if (depth === 0) return tags.lastIndex;
  }
  return text.length;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

function rewrittenJson(text: string, how: Rewriting, random: Random): Rewritten {
  const all = whole(text, how, random);
  if (all !== null) return all;
  const answer = JSON.parse(text) as Json;
  const places: { readonly holder: Json; readonly key: string }[] = [];
  const visit = (holder: Json): void => {
    for (const [key, value] of Object.entries(holder)) {
      places.push({ holder, key });
      if (isObject(value)) visit(value);
    }
  };
  visit(answer);
  const place = places[Math.floor(random() * places.length)];
  if (place === undefined) return { text, element: 'nothing' };
  const { holder, key } = place;
  const value = holder[key];
  if (how === 'removed') {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else holder[key] = undefined;
  } else if (how === 'repeated') holder[key] = [value, value];
  else if (how === 'emptied') holder[key] = '';
  else holder[key] = how === 'nested' ? { [GARBAGE]: 1 } : GARBAGE;
  return { text: JSON.stringify(answer), element: key };
}
