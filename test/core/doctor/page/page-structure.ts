/** Elements that may be in the page. `true`: the element has no end tag. */
const elements: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['meta', 'br'].map((name) => [name, true] as const),
  ...'html head title style body h1 h2 h3 h4 p b bdi a ul ol li span section figure figcaption svg rect path desc defs pattern text'
    .split(' ')
    .map((name) => [name, false] as const),
  ...'table caption thead tbody tr th td details summary div dl dt dd pre'
    .split(' ')
    .map((name) => [name, false] as const),
]);

export interface PageStructure {
  readonly classes: ReadonlySet<string>;
  readonly ids: readonly string[];
  readonly links: readonly string[];
  readonly attributes: ReadonlySet<string>;
  /** The texts of all elements except the style sheet, with entities replaced. */
  readonly text: string;
}

/**
 * Reads a page strictly: only known elements, quoted attributes, each element closed in order.
 * @throws Error with the place where the page is not as it should be
 */
export function structureOf(page: string): PageStructure {
  const open: string[] = [];
  const classes = new Set<string>();
  const attributes = new Set<string>();
  const ids: string[] = [];
  const links: string[] = [];
  const texts: string[] = [];
  const token = /<!doctype html>|<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<]*")?)*)\s*(\/?)>|([^<]+)/gy;
  let at = 0;
  while (at < page.length) {
    token.lastIndex = at;
    const match = token.exec(page);
    if (match === null) throw new Error(`Unexpected: ${JSON.stringify(page.slice(at, at + 80))}`);
    at = token.lastIndex;
    const [, end, name, given = '', selfClosed, text] = match;
    if (text !== undefined) {
      if (open.at(-1) === 'style') continue;
      if (/&(?!amp;|lt;|gt;|quot;|#39;)/.test(text)) throw new Error(`An & is not escaped: ${text}`);
      texts.push(unescaped(text));
    } else if (name !== undefined) {
      const isVoid = elements[name];
      if (isVoid === undefined) throw new Error(`Unexpected element ${name}`);
      if (end === '/') {
        const expected = open.pop();
        if (expected !== name) throw new Error(`</${name}> where </${expected}> was expected`);
      } else if (selfClosed === '/' && !isVoid && name !== 'rect' && name !== 'path') {
        throw new Error(`<${name}/> closes itself only in SVG`);
      } else if (!isVoid && selfClosed !== '/') open.push(name);
      for (const [, attribute = '', value = ''] of given.matchAll(/([a-zA-Z-]+)(?:="([^"]*)")?/g)) {
        attributes.add(attribute);
        if (attribute === 'class') for (const one of value.split(' ')) classes.add(one);
        if (attribute === 'id') ids.push(value);
        if (attribute === 'href') links.push(value);
      }
    }
  }
  if (open.length > 0) throw new Error(`Not closed: ${open.join(', ')}`);
  return { classes, ids, links, attributes, text: texts.join('') };
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
