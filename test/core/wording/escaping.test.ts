import fc from 'fast-check';
import { escapeHtml, withoutControls } from '../../../core/wording/html.ts';
import { printable } from '../../../core/wording/printable.ts';

/** Any text, with many of the characters that a browser or a terminal interprets. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '<',
      '>',
      '&',
      '"',
      "'",
      ';',
      '/',
      '\u001b',
      '[',
      ']',
      '\u0007',
      '\u009b',
      '\u202e',
      '\u061c',
      '\r',
      '\n',
    ),
    fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
  ),
});

/** Control characters and formatting that changes the direction of text. */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}]/u;

test('escaped text is text for a browser: no tag, no attribute’s end, and nothing is lost but controls', () => {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  fc.assert(
    fc.property(text, (raw) => {
      const escaped = escapeHtml(raw);
      expect(escaped).not.toMatch(/[<>"']/);
      expect(escaped.replace(/[\n\t]/g, '')).not.toMatch(CONTROLS);
      const read = escaped.replace(/&(amp|lt|gt|quot|#39);|&/g, (whole, name?: string) => {
        if (name === undefined) throw new Error(`${whole} is no entity of ours: ${escaped}`);
        return entities[name]!;
      });
      expect(read).toBe(withoutControls(raw));
      expect(read.length).toBe(raw.length);
    }),
    { numRuns: 2_000 },
  );
});

test('printable text has nothing that a terminal interprets, and is not changed a second time', () => {
  fc.assert(
    fc.property(text, (raw) => {
      const shown = printable(raw);
      expect(shown).not.toMatch(CONTROLS);
      expect(printable(shown)).toBe(shown);
    }),
    { numRuns: 2_000 },
  );
});

test('text without such characters stays as it is', () => {
  const plain = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019 .,:/-_@+=*äß€漢字')) });
  fc.assert(
    fc.property(plain, (raw) => {
      expect(printable(raw)).toBe(raw);
      expect(escapeHtml(raw)).toBe(raw);
    }),
  );
});
