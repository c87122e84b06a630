import * as v from 'valibot';

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON text of a policy document that may be URL-encoded (RFC 3986). Null if it is neither. */
function jsonText(text: string): string | null {
  for (const decode of [(same: string) => same, decodeURIComponent]) {
    try {
      const decoded = decode(text);
      if (isObject(JSON.parse(decoded))) return decoded;
    } catch (error: unknown) {
      if (!(error instanceof SyntaxError || error instanceof URIError)) throw error;
    }
  }
  return null;
}

/** A policy document: an object, as the AWS CLI decodes it, or its JSON text, also URL-encoded as IAM sends it. */
export const Document = v.custom<string | object>(
  (one) => (typeof one === 'string' ? jsonText(one) !== null : isObject(one) && isWritable(one)),
  ({ input }) =>
    isObject(input)
      ? 'must have fewer levels: it is nested too deeply'
      : 'must be a policy document: a JSON object, or its text (also URL-encoded)',
);

/** False for an object that is nested too deeply to be written as text. */
function isWritable(one: object): boolean {
  try {
    return JSON.stringify(one).length > 0;
  } catch (error: unknown) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A document's JSON text. */
export const textOf = (document: string | object): string =>
  typeof document === 'string' ? (jsonText(document) ?? document) : JSON.stringify(document);
