import { AwsFault } from '../../core/ports/aws-fault.ts';
import { ObjectNotFound, PreconditionFailed, type ObjectStore } from '../../core/ports/store.ts';

export const allLines = async (lines: AsyncIterable<string>): Promise<string[]> => {
  const result: string[] = [];
  for await (const line of lines) result.push(line);
  return result;
};

/** Tests for every kind of store. The audit relies on each of these behaviours. */
export function objectStoreSuite(current: () => ObjectStore): void {
  const winners = (results: readonly PromiseSettledResult<unknown>[]): number => {
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(PreconditionFailed);
    }
    return results.filter(({ status }) => status === 'fulfilled').length;
  };

  test('a written object is read back, with an etag that identifies its version', async () => {
    const store = current();
    const etag = await store.write('a/b.json', 'ä\u2028\r\nx');
    expect(await store.read('a/b.json')).toEqual({ text: 'ä\u2028\r\nx', etag });
    expect(await store.write('a/b.json', 'other')).not.toBe(etag);
    expect((await store.read('a/b.json'))?.text).toBe('other');
  });

  test('a missing object is a result, not an error', async () => {
    const store = current();
    expect(await store.read('a/none')).toBeNull();
    expect(await store.exists('a/none')).toBe(false);
    await store.write('a/b', '');
    expect(await store.exists('a/b')).toBe(true);
    expect(await store.exists('a')).toBe(false);
    await expect(allLines(store.readLines('none'))).rejects.toBeInstanceOf(ObjectNotFound);
    await expect(allLines(store.readLines('none', { offset: 0, length: 0 }))).rejects.toBeInstanceOf(ObjectNotFound);
  });

  test('keys can contain every character of AWS names', async () => {
    const store = current();
    const key = 'runs/x/recommendations/ä b+c=d,e@f_g%h.json';
    await store.write(key, '1');
    expect((await store.read(key))?.text).toBe('1');
    expect(await allLines(store.list('runs/x/rec'))).toEqual([key]);
  });

  test('lines and ranges of lines are read back unchanged', async () => {
    const store = current();
    const lines = ['{"a":"ä"}', 'with\rreturn and \u2028', '', 'x'.repeat(200_000)];
    const written = await store.writeLines('l.jsonl', lines);
    expect(written).toEqual({ lines: 4, bytes: Buffer.byteLength(lines.map((line) => `${line}\n`).join('')) });
    expect(await allLines(store.readLines('l.jsonl'))).toEqual(lines);
    const offset = Buffer.byteLength(`${lines[0]!}\n`);
    const length = Buffer.byteLength(`${lines[1]!}\n`);
    expect(await allLines(store.readLines('l.jsonl', { offset, length }))).toEqual([lines[1]]);
    expect(await allLines(store.readLines('l.jsonl', { offset, length: 0 }))).toEqual([]);
  });

  test('bytes are read back unchanged, and an object whose source fails does not appear', async () => {
    const store = current();
    const parts = [Uint8Array.of(0, 255, 10), new Uint8Array(200_000).fill(7)];
    const source = async function* (fails: boolean): AsyncGenerator<Uint8Array> {
      for (const part of parts) yield part;
      if (fails) throw new Error('the source failed');
    };
    const read = async (key: string): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of store.readBytes(key)) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    await store.writeBytes('t/a.parquet', source(false));
    expect((await read('t/a.parquet')).equals(Buffer.concat(parts))).toBe(true);
    await expect(store.writeBytes('t/b.parquet', source(true))).rejects.toThrow('the source failed');
    expect(await store.exists('t/b.parquet')).toBe(false);
    await expect(read('t/b.parquet')).rejects.toBeInstanceOf(ObjectNotFound);
  });

  test('lines of a .gz object are read back unchanged', async () => {
    const store = current();
    const lines = Array.from({ length: 50_000 }, (_, n) => `{"n":${n},"text":"ä\u2028"}`);
    const written = await store.writeLines('e.jsonl.gz', lines);
    expect(written.lines).toBe(50_000);
    expect(await allLines(store.readLines('e.jsonl.gz'))).toEqual(lines);
    // A reader that stops early must not cause a later error.
    for await (const line of store.readLines('e.jsonl.gz')) if (line === lines[3]) break;
    await store.writeLines('e.jsonl.gz', []);
    expect(await allLines(store.readLines('e.jsonl.gz'))).toEqual([]);
  });

  test('if the lines of a .gz object fail, the object is not replaced and the error is unchanged', async () => {
    const store = current();
    await store.writeLines('f.jsonl.gz', ['before']);
    const failing = function* (): Generator<string> {
      yield 'x'.repeat(300_000);
      throw new RangeError('no more');
    };
    await expect(store.writeLines('f.jsonl.gz', failing())).rejects.toThrow(new RangeError('no more'));
    expect(await allLines(store.readLines('f.jsonl.gz'))).toEqual(['before']);
  });

  test.each(['f.jsonl', 'f.jsonl.gz'])('a fault of AWS among the lines of %s stays one', async (key) => {
    const store = current();
    const fault = new AwsFault('denied', 'AccessDenied', 'no');
    const failing = async function* (): AsyncGenerator<string> {
      yield await Promise.resolve('x'.repeat(300_000));
      throw fault;
    };
    await expect(store.writeLines(key, failing())).rejects.toBe(fault);
    expect(await store.exists(key)).toBe(false);
  });

  test('a write of no lines creates an empty object', async () => {
    const store = current();
    expect(await store.writeLines('none.jsonl', [])).toEqual({ lines: 0, bytes: 0 });
    expect(await allLines(store.readLines('none.jsonl'))).toEqual([]);
  });

  test('twenty megabytes of lines are read back unchanged, and a range of them', async () => {
    const store = current();
    const line = (n: number): string => `${n} ${'ü'.repeat(100)}`;
    const count = 100_000;
    const make = function* (): Generator<string> {
      for (let n = 0; n < count; n += 1) yield line(n);
    };
    await store.writeLines('big.jsonl', make());
    let n = 0;
    for await (const actual of store.readLines('big.jsonl')) {
      if (actual !== line(n)) throw new Error(`Line ${n} is ${actual}.`);
      n += 1;
    }
    expect(n).toBe(count);
    let offset = 0;
    for (let k = 0; k < 60_000; k += 1) offset += Buffer.byteLength(line(k)) + 1;
    const length = Buffer.byteLength(line(60_000)) + 1;
    expect(await allLines(store.readLines('big.jsonl', { offset, length }))).toEqual([line(60_000)]);
  });

  test.each([3, 50_000])('a writer that fails after %i lines leaves the object unchanged', async (lines) => {
    const store = current();
    const broken = async function* () {
      for (let n = 0; n < lines; n += 1) yield 'x'.repeat(300);
      throw new Error('broke off');
    };
    await expect(store.writeLines('x.jsonl', broken())).rejects.toThrow('broke off');
    expect(await store.exists('x.jsonl')).toBe(false);
    await store.write('x.jsonl', 'old');
    await expect(store.writeLines('x.jsonl', broken())).rejects.toThrow('broke off');
    expect((await store.read('x.jsonl'))?.text).toBe('old');
    expect(await allLines(store.list(''))).toEqual(['x.jsonl']);
  });

  test('a reader can stop early', async () => {
    const store = current();
    await store.writeLines(
      'l.jsonl',
      Array.from({ length: 50_000 }, (_, n) => `${n}`.padEnd(100)),
    );
    for await (const line of store.readLines('l.jsonl')) {
      expect(line.trim()).toBe('0');
      break;
    }
    expect(await store.exists('l.jsonl')).toBe(true);
  });

  test('only one of twenty concurrent creations succeeds', async () => {
    const store = current();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => store.write('c', String(n), { ifNoneMatch: '*' })),
    );
    expect(winners(results)).toBe(1);
    await expect(store.write('c', 'late', { ifNoneMatch: '*' })).rejects.toBeInstanceOf(PreconditionFailed);
  });

  test('only one of twenty replacements of the same version succeeds', async () => {
    const store = current();
    const ifMatch = await store.write('c', 'old');
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => store.write('c', String(n), { ifMatch })),
    );
    expect(winners(results)).toBe(1);
    expect((await store.read('c'))?.text).not.toBe('old');
  });

  test('a replaced version or a missing object cannot be replaced', async () => {
    const store = current();
    const ifMatch = await store.write('c', 'old');
    await store.write('c', 'new');
    await expect(store.write('c', 'late', { ifMatch })).rejects.toBeInstanceOf(PreconditionFailed);
    await expect(store.write('never', 'x', { ifMatch })).rejects.toBeInstanceOf(PreconditionFailed);
    expect([(await store.read('c'))?.text, await store.exists('never')]).toEqual(['new', false]);
  });

  test('keys with a prefix are listed in the order of their bytes, on any number of pages', async () => {
    const store = current();
    for (const key of ['b/2', 'b/10', 'a', 'b/sub/1', 'b/Z', 'bc', 'b/ä']) await store.write(key, '');
    expect(await allLines(store.list('b/'))).toEqual(['b/10', 'b/2', 'b/Z', 'b/sub/1', 'b/ä']);
    expect(await allLines(store.list('b/s'))).toEqual(['b/sub/1']);
    expect(await allLines(store.list('none/'))).toEqual([]);
  });
}
