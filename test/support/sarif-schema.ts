import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(__dirname, '../fixtures/sarif/sarif-2.1.0-rtm.5.json');

/** The schema is of draft 4. What it uses has the same meaning in draft 7, except for the name of its own address. */
const { id, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as { id: string };

const isUri = (text: string): boolean => URL.canParse(text);
const formats = {
  uri: isUri,
  'uri-reference': (text: string) => URL.canParse(text, 'https://example.com/'),
  'date-time': (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text),
};
const validate = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false, formats }).compile({
  ...schema,
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: id,
});

/** Where a log does not fit the JSON Schema of SARIF 2.1.0. */
export function sarifMismatches(log: unknown): string[] {
  validate(log);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}
