import * as v from 'valibot';
import { Tags } from '../../../core/contract/evidence.ts';

test('tags keep every key that AWS accepts, also through JSON', () => {
  const text = '{"__proto__":"a","constructor":"b","prototype":"c","team":"d"}';
  expect(JSON.stringify(v.parse(Tags, JSON.parse(text)))).toBe(text);
  expect(JSON.stringify({ ...v.parse(Tags, JSON.parse(text)) })).toBe(text);
});

test.each(['[]', '"text"', 'null', '{"team":1}'])('%s is not a map of tags', (text) => {
  expect(v.is(Tags, JSON.parse(text))).toBe(false);
});
