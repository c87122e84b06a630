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

const escape = (text: string): string => text.replace(/[&<>"\r]/g, (character) => entities[character] ?? character);

function isList(value: XmlValue): value is readonly XmlValue[] {
  return Array.isArray(value);
}

/** Elements without a value are left out, as AWS does. */
export function toXml(name: string, value: XmlValue): string {
  if (value === null || value === undefined) return '';
  if (isList(value)) return `<${name}>${value.map((item) => toXml('member', item)).join('')}</${name}>`;
  if (typeof value === 'object') {
    const inner = Object.entries(value).map(([key, part]) => toXml(key, part));
    return `<${name}>${inner.join('')}</${name}>`;
  }
  return `<${name}>${escape(String(value))}</${name}>`;
}
