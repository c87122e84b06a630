import { LineChannel } from '../../../core/streams/line-channel.ts';
import { linesOf } from '../../../core/streams/lines.ts';
import { LruCache } from '../../../core/streams/lru-cache.ts';

const all = async (lines: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a channel of lines', () => {
  test('returns the pushed lines in order, and ends', async () => {
    const channel = new LineChannel(2);
    const reading = all(channel);
    for (const line of ['a', 'b', 'c', 'd', 'e']) await channel.push(line);
    channel.end();
    expect(await reading).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('a push waits while the channel is full', async () => {
    const channel = new LineChannel(2);
    await channel.push('a');
    await channel.push('b');
    let pushed = false;
    const third = channel.push('c').then(() => (pushed = true));
    await turn();
    expect(pushed).toBe(false);
    const iterator = channel[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe('a');
    await third;
    expect(pushed).toBe(true);
  });

  test('a failure reaches the reader and every writer', async () => {
    const channel = new LineChannel(1);
    await channel.push('a');
    const waiting = channel.push('b');
    channel.fail(new Error('broken'));
    await expect(waiting).rejects.toThrow('broken');
    await expect(channel.push('c')).rejects.toThrow('broken');
    await expect(all(channel)).rejects.toThrow('broken');
  });

  test('pushes fail after the reader has stopped', async () => {
    const channel = new LineChannel(1);
    await channel.push('a');
    for await (const line of channel) {
      expect(line).toBe('a');
      break;
    }
    await expect(channel.push('b')).rejects.toThrow('no longer being written');
  });
});

test.each([
  [
    ['a\nb', 'c\n'],
    ['a', 'bc'],
  ],
  [
    ['a\n', '\n', 'b'],
    ['a', '', 'b'],
  ],
  [['a\r\nb\u2028c\n'], ['a\r', 'b\u2028c']],
  [[], []],
  [['\n'], ['']],
])('%j has the lines %j', async (chunks, lines) => {
  const bytes = async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  };
  expect(await all(linesOf(bytes()))).toEqual(lines);
});

test('a character that is split between chunks is decoded correctly', async () => {
  const whole = Buffer.from('ä€😀\n');
  const bytes = async function* () {
    for (const byte of whole) yield Buffer.from([byte]);
  };
  expect(await all(linesOf(bytes()))).toEqual(['ä€😀']);
});

test('a full cache removes the least recently used entry', () => {
  const cache = new LruCache<number>(2);
  let made = 0;
  const get = (key: string): number => cache.get(key, () => (made += 1));
  expect([get('a'), get('b'), get('a'), get('c'), get('a'), get('b')]).toEqual([1, 2, 1, 3, 1, 4]);
});
