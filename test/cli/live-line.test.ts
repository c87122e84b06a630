import { LiveLine } from '../../cli/live-line.ts';

/** A stream that keeps what is written to it. */
function stream(isTTY: boolean, columns = 30): { out: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { out: { isTTY, columns, rows: 24, write } as unknown as NodeJS.WriteStream, written };
}

test('where there is no terminal, each changed text is a line, and nothing is erased', () => {
  const { out, written } = stream(false);
  const line = new LiveLine(out);
  for (const text of ['one', 'one', 'two']) line.show(text);
  line.clear();
  expect(written).toEqual(['one\n', 'two\n']);
});

test('a long text is cut on a terminal only', () => {
  const long = 'x'.repeat(100);
  const terminal = stream(true);
  new LiveLine(terminal.out).show(long);
  expect(terminal.written.join('')).toContain(`${'x'.repeat(28)}…`);
  expect(terminal.written.join('')).not.toContain('x'.repeat(29));
  const file = stream(false);
  new LiveLine(file.out).show(long);
  expect(file.written).toEqual([`${long}\n`]);
});

test('a terminal is cleared only if something was shown', () => {
  const { out, written } = stream(true);
  const line = new LiveLine(out);
  line.clear();
  expect(written).toEqual([]);
  line.show('one');
  const shown = written.length;
  line.clear();
  expect(written.length).toBeGreaterThan(shown);
});
