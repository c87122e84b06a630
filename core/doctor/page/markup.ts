import { escapeHtml } from '../../wording/html.ts';

/** HTML that is safe to write. Only `markup` makes it, so that no text can be written without being escaped. */
class Markup {
  constructor(readonly text: string) {}
}
export type { Markup };

type Part = Markup | string | number | readonly Markup[];

/** Invisible characters that `escapeHtml` keeps, such as zero-width spaces, which make two names look the same. */
const invisible = /[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200d\u2028\u2029\u2060-\u2065\u3164\ufeff\ufff9-\ufffb]/g;
/** Many combining marks on one letter cover the lines above and below it. */
const stackedMarks = /(\p{M}{3})\p{M}+/gu;

const escaped = (text: string): string =>
  escapeHtml(text.replace(invisible, '\ufffd').replace(stackedMarks, '$1\ufffd'));

/** A template for HTML. Everything that is filled in is escaped, except HTML made by `markup` itself. Quote attributes. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const pieces = strings.map((piece, index) => {
    const part = parts[index];
    return part === undefined ? piece : piece + written(part);
  });
  return new Markup(pieces.join(''));
}

const written = (part: Part): string => {
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return part instanceof Markup ? part.text : part.map(({ text }) => text).join('');
};

export const nothing = markup``;

/** Puts a separator between pieces of HTML. */
export const joined = (pieces: readonly Markup[], separator: Markup): Markup =>
  markup`${pieces.flatMap((piece, index) => (index === 0 ? [piece] : [separator, piece]))}`;

/**
 * Text of any length: a longer one than `most` characters is cut, and the whole is shown when it is opened.
 * An attacker can send a user agent of 10 kB with each call.
 */
export function longText(text: string, most = 160): Markup {
  return text.length <= most
    ? markup`<bdi class="a">${text}</bdi>`
    : markup`<details class="a long">
        <summary><bdi>${cut(text, most)}</bdi> <span class="m">(${text.length} characters)</span></summary>
        <bdi>${text}</bdi>
      </details>`;
}

/** The first `most` characters; never half of a surrogate pair. */
export const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`;
