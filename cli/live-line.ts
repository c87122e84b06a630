/** Shows a status line. On a terminal, a text replaces the previous one. Otherwise, each changed text is a new line. */
export class LiveLine {
  #last = '';

  constructor(private readonly out: NodeJS.WriteStream) {}

  show(text: string): void {
    if (this.out.isTTY) {
      // The text is cut to the terminal's width, because a line that wraps can't be erased.
      this.out.write(`\r\u001b[2K${text.slice(0, Math.max(20, this.out.columns - 1))}`);
    } else if (text !== this.#last) {
      this.out.write(`${text}\n`);
    }
    this.#last = text;
  }

  /** Erases the line, so that other lines can be written. The next `show` writes it again. */
  clear(): void {
    if (this.out.isTTY) this.out.write('\r\u001b[2K');
  }
}
