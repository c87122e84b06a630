import { isQuiet } from './output.ts';

/** Shows a status line. On a terminal, a text replaces the previous one. Otherwise, each changed text is a new line. */
export class LiveLine {
  #last = '';

  constructor(private readonly out: NodeJS.WriteStream) {}

  /** The most characters that fit. A line that wraps can't be erased, so a longer one is cut. */
  get width(): number {
    return this.out.isTTY ? Math.max(20, this.out.columns - 1) : Infinity;
  }

  show(text: string): void {
    if (isQuiet()) return;
    if (this.out.isTTY) {
      const cut = text.length <= this.width ? text : `${text.slice(0, this.width - 1)}…`;
      this.out.write(`\r\u001b[2K${cut}`);
    } else if (text !== this.#last) {
      this.out.write(`${text}\n`);
    }
    this.#last = text;
  }

  /** Erases the line, so that other lines can be written. The next `show` writes it again. */
  clear(): void {
    if (this.out.isTTY && this.#last !== '') this.out.write('\r\u001b[2K');
  }
}
