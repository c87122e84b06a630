/** A value as the Query protocol's XML shows it: objects are elements, arrays are lists of `member`. */
export type XmlValue =
  string | number | boolean | null | undefined | readonly XmlValue[] | { readonly [name: string]: XmlValue };

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

/** Control characters and non-characters: XML 1.0 can't hold them, not even escaped (its section 2.2). */
const unspeakable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const escape = (text: string): string =>
  text.replace(unspeakable, '\ufffd').replace(/[&<>"\r]/g, (character) => entities[character] ?? character);

function isList(value: XmlValue): value is readonly XmlValue[] {
  return Array.isArray(value);
}

/** Elements without a value are left out, as AWS does. */
export function toXml(name: string, value: XmlValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return `<${name}>${escape(value)}</${name}>`;
  if (typeof value !== 'object') return `<${name}>${value}</${name}>`;
  let inner = '';
  if (isList(value)) for (const item of value) inner += toXml('member', item);
  else for (const [key, part] of Object.entries(value)) inner += toXml(key, part);
  return `<${name}>${inner}</${name}>`;
}
