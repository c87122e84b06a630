import { HttpResponse } from '@smithy/core/protocols';
import type { MiddlewareStack } from '@smithy/types';
import type { UnreadableEntity } from '../core/ports/iam.ts';
import { unreadableAnswer } from './foreign-response.ts';
import { toAwsFault } from './sdk-fault.ts';

/*
 * The SDK reads an answer as a whole: one date that is no date, and it reads none of the thousand entries of a page. So the entries
 * of such a page are read one by one.
 */

const COMMAND = 'GetAccountAuthorizationDetailsCommand';
const kindByList: Readonly<Record<string, UnreadableEntity['kind']>> = {
  UserDetailList: 'user',
  RoleDetailList: 'role',
  GroupDetailList: 'group',
  Policies: 'policy',
};
const LISTS = new RegExp(`<(${Object.keys(kindByList).join('|')})>`, 'g');
const MEMBER = /<(\/?)member(\/?)>/g;

/** The answer to one call. */
interface Answer {
  readonly headers: Record<string, string>;
  readonly bytes: Uint8Array;
  /** The text that the SDK reads in place of the answer. */
  instead?: string;
}

/** A part of the text of an answer: an entry of one of the lists, or what is between entries. */
interface Piece {
  readonly text: string;
  /** Null: between entries. */
  readonly kind: UnreadableEntity['kind'] | null;
}

const leftOut = new WeakMap<object, readonly UnreadableEntity[]>();

/** The entries of an answer that the SDK could not read. They are in none of its lists. */
export const entriesLeftOut = (response: object): readonly UnreadableEntity[] => leftOut.get(response) ?? [];

/** If the SDK can't read an answer with the account's entries, leaves out each entry that it can't read (`entriesLeftOut`). */
export function readEntriesOneByOne<Input extends object, Output extends object>(
  stack: MiddlewareStack<Input, Output>,
): void {
  const answers = new WeakMap<object, Answer>();
  stack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error: unknown) {
        const answer = answers.get(context);
        if (answer === undefined || unreadableAnswer(error) === null) throw error;
        const pieces = piecesOf(new TextDecoder().decode(answer.bytes));
        const faultOf = async (entry: Piece): Promise<unknown> => {
          answer.instead = textOf(pieces.filter((piece) => piece === entry || piece.kind === null));
          return next(args).then(
            () => null,
            (fault: unknown) => fault,
          );
        };
        const readable: Piece[] = [];
        const unreadable: UnreadableEntity[] = [];
        for (const piece of pieces) {
          const fault = piece.kind === null ? null : await faultOf(piece);
          if (piece.kind === null || fault === null) readable.push(piece);
          else unreadable.push({ kind: piece.kind, arn: arnOf(piece.text), fault: toAwsFault(fault) });
        }
        // If every entry can be read, something else of the answer can't.
        if (unreadable.length === 0) throw error;
        answer.instead = textOf(readable);
        const result = await next(args);
        if (result.output === undefined) throw error;
        leftOut.set(result.output, unreadable);
        return result;
      }
    },
    { step: 'deserialize', priority: 'high', name: 'readEntriesOneByOne' },
  );
  stack.add(
    (next, context) => async (args) => {
      const known = answers.get(context);
      if (known?.instead !== undefined) {
        return { response: responseOf(known.headers, new TextEncoder().encode(known.instead)) };
      }
      const result = await next(args);
      const { response } = result;
      if (context.commandName !== COMMAND || !HttpResponse.isInstance(response) || response.statusCode !== 200) {
        return result;
      }
      const bytes = await bytesOf(response.body);
      if (bytes === null) return result;
      answers.set(context, { headers: response.headers, bytes });
      return { response: responseOf(response.headers, bytes) };
    },
    { step: 'deserialize', priority: 'low', name: 'keepAnswer' },
  );
}

const textOf = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join('');

const responseOf = (headers: Record<string, string>, body: Uint8Array): HttpResponse =>
  new HttpResponse({ statusCode: 200, headers, body });

/** Null if the body is neither bytes nor a stream of bytes. */
async function bytesOf(body: unknown): Promise<Uint8Array | null> {
  if (body instanceof Uint8Array) return body;
  if (!isStream(body)) return null;
  const parts: Uint8Array[] = [];
  for await (const part of body) {
    if (!(part instanceof Uint8Array)) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const isStream = (body: unknown): body is AsyncIterable<unknown> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

/** Divides the text of an answer into entries and what is between them. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const list of text.matchAll(LISTS)) {
    const kind = kindByList[list[1] ?? ''] ?? null;
    const listEnd = text.indexOf(`</${list[1] ?? ''}>`, list.index);
    for (const [from, to] of membersIn(text, list.index, listEnd < 0 ? text.length : listEnd)) {
      pieces.push({ text: text.slice(end, from), kind: null }, { text: text.slice(from, to), kind });
      end = to;
    }
  }
  return [...pieces, { text: text.slice(end), kind: null }];
}

/** Where each outermost `member` of a part of the text begins and ends. */
function* membersIn(text: string, from: number, to: number): Generator<readonly [number, number]> {
  let depth = 0;
  let start = from;
  for (const tag of text.slice(from, to).matchAll(MEMBER)) {
    if (tag[2] === '/') continue;
    if (tag[1] === '' && depth === 0) start = from + tag.index;
    depth += tag[1] === '' ? 1 : -1;
    if (depth === 0) yield [start, from + tag.index + tag[0].length];
  }
}

/** The entry's own ARN, not that of an element in it. Null if it can't be read. */
function arnOf(entry: string): string | null {
  const inner = entry.slice('<member>'.length, -'</member>'.length);
  let own = '';
  let end = 0;
  for (const [from, to] of membersIn(inner, 0, inner.length)) {
    own += inner.slice(end, from);
    end = to;
  }
  return /<Arn>([^<]+)<\/Arn>/.exec(own + inner.slice(end))?.[1] ?? null;
}
