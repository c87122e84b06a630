import { printJson, printLine } from '../../cli/output.ts';

/** What a function writes to standard output. */
function written(print: () => void): string {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    print();
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}

// A terminal interprets C1 controls, and shows text after direction marks in another order.
const characters = ['\u0000', '\u001b', '\u007f', '\u0085', '\u009b', '\u061c', '\u200e', '\u202e', '\u2066'];

test.each(characters.map((character) => [character.charCodeAt(0).toString(16), character]))(
  'U+%s is visible in lines and in JSON, and JSON keeps it',
  (_, character) => {
    const line = written(() => {
      printLine(`a${character}b`);
    });
    expect(line).not.toContain(character);
    const json = written(() => {
      printJson({ title: `a${character}b` });
    });
    expect(json).not.toContain(character);
    expect(JSON.parse(json)).toEqual({ title: `a${character}b` });
  },
);
