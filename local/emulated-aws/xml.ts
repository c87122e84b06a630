/** A value of the Query protocol's XML. Objects become elements, and arrays become lists of `member`. */
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

/** Leaves out elements without a value, as AWS does. */
export function toXml(name: string, value: XmlValue): string {
  if (value === null || value === undefined) return '';
  if (isList(value)) return `<${name}>${value.map((item) => toXml('member', item)).join('')}</${name}>`;
  if (typeof value === 'object') {
    const inner = Object.entries(value).map(([key, part]) => toXml(key, part));
    return `<${name}>${inner.join('')}</${name}>`;
  }
  return `<${name}>${escape(String(value))}</${name}>`;
}
