/** Enough for a message with the ARNs and the key that it names. Longer texts are copies of data. */
const MOST_CHARACTERS = 1_000;

/** Access key IDs of long-term and temporary credentials, and of tokens (IAM User Guide, "Unique identifiers"). */
const ACCESS_KEY_ID = /(?<![A-Za-z0-9])(?:ABIA|ACCA|AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g;

/** Secret access keys have 40 characters of Base64, session tokens many more. */
const LONG_TOKEN = /[A-Za-z0-9+/=]{40,}/g;

/** The elements of a policy document, quoted as in JSON, also inside a JSON string. */
const POLICY_ELEMENT =
  /\\*"(?:Version|Id|Statement|Sid|Effect|Principal|NotPrincipal|Action|NotAction|Resource|NotResource|Condition)\\*"\s*:/;

/** The longest quoted text that a message may repeat: a name or a short value. */
const LONGEST_QUOTE = 128;

/**
 * A text as it may be logged: without credentials and without policies. Errors can repeat the data that they are about,
 * for example an object that is damaged. Names, ARNs and object keys stay as they are.
 */
export function loggable(text: string): string {
  const short = text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
  return withoutDocuments(short)
    .replace(ACCESS_KEY_ID, '[access key ID removed]')
    .replace(LONG_TOKEN, (token, offset: number, whole: string) =>
      isRandom(token) && !isInArn(whole, offset) ? '[token removed]' : token,
    );
}

/** Replaces what is between the first and the last quotation mark or brace if it is data and not a short name. */
function withoutDocuments(text: string): string {
  const encoded = text.replace(/\S*%(?:7B|22)\S*/gi, '[document removed]');
  const from = encoded.search(/["{[`]/);
  if (from === -1) return encoded;
  const rest = encoded.slice(from);
  // A document that was cut off has no end.
  const isCutOff = rest.split('{').length > rest.split('}').length;
  const to = isCutOff ? 0 : rest.search(/["}\]`][^"}\]`]*$/) + 1;
  const data = to === 0 ? rest : rest.slice(0, to);
  const isDocument = POLICY_ELEMENT.test(data) || /[{}]|\[\s*["{]|\\"/.test(data);
  const isLong = data.split('"').some((part) => part.length > LONGEST_QUOTE);
  return isDocument || isLong
    ? `${encoded.slice(0, from)}[document removed]${to === 0 ? '' : rest.slice(to)}`
    : encoded;
}

/** Keys of objects and paths are words and numbers; a secret mixes both cases and digits. */
const isRandom = (token: string): boolean => /[a-z]/.test(token) && /[A-Z]/.test(token) && /\d/.test(token);

const isInArn = (text: string, offset: number): boolean => /arn:[^\s"',;]*$/.test(text.slice(0, offset));
