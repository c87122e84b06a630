import { base64Of } from '../../../core/streams/base64.ts';

test.each([
  ['nothing', [], ''],
  ['one byte', [1], 'AQ=='],
  ['parts that end in the middle of a group', [1, 1, 1, 2], ''],
])('%s', async (_, lengths) => {
  const bytes = Buffer.from(Array.from({ length: lengths.reduce((sum, one) => sum + one, 0) }, (__, n) => n % 256));
  expect(await encoded(bytes, lengths)).toBe(bytes.toString('base64'));
});

test('large data in parts of any size', async () => {
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 7919) % 256));
  expect(await encoded(bytes, [1, 65_537, 100_000, 34_462])).toBe(bytes.toString('base64'));
});

async function encoded(bytes: Buffer, lengths: readonly number[]): Promise<string> {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    let at = 0;
    for (const length of lengths) {
      yield bytes.subarray(at, at + length);
      at += length;
    }
  };
  const parts: string[] = [];
  for await (const part of base64Of(chunks())) parts.push(part);
  return parts.join('');
}
