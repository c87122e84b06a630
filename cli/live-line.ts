/** Shows one line. On a terminal each text overwrites the last; elsewhere each changed text is a new line. */
export class LiveLine {
  #last = '';

  constructor(private readonly out: NodeJS.WriteStream) {}

  show(text: string): void {
    if (this.out.isTTY) {
      // A wrapped line could not be erased.
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
