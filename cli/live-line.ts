import { createLogUpdate } from 'log-update';
import { isQuiet } from './output.ts';

/**
 * Shows a status in one or more lines. On a terminal, it replaces the previous one without flicker. Elsewhere, each
 * changed text is a new line.
 */
export class LiveLine {
  readonly #update: ReturnType<typeof createLogUpdate>;
  #last = '';

  constructor(private readonly out: NodeJS.WriteStream) {
    this.#update = createLogUpdate(out, { showCursor: true });
  }

  /** The most characters that fit in a line. A line that wraps would make the status jump, so a longer one is cut. */
  get width(): number {
    return this.out.isTTY ? Math.max(20, this.out.columns - 1) : Infinity;
  }

  show(text: string | readonly string[]): void {
    if (isQuiet()) return;
    const lines = typeof text === 'string' ? [text] : text;
    const cut = lines
      .map((line) => (line.length <= this.width ? line : `${line.slice(0, this.width - 1)}…`))
      .join('\n');
    if (this.out.isTTY) this.#update(cut);
    else if (cut !== this.#last) this.out.write(`${cut}\n`);
    this.#last = cut;
  }

  /** Erases the status, so that other lines can be written. The next `show` writes it again. */
  clear(): void {
    if (this.out.isTTY && this.#last !== '') this.#update.clear();
  }
}
