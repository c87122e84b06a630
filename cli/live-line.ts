/** One line that is overwritten on a terminal, and a line of its own elsewhere whenever it changes. */
export class LiveLine {
  #last = '';

  constructor(private readonly out: NodeJS.WriteStream) {}

  show(text: string): void {
    if (this.out.isTTY) {
      // A line that wraps could not be taken away again.
      this.out.write(`\r\u001b[2K${text.slice(0, Math.max(20, this.out.columns - 1))}`);
    } else if (text !== this.#last) {
      this.out.write(`${text}\n`);
    }
    this.#last = text;
  }

  /** Makes room for other lines: the live one is gone until it is next shown. */
  clear(): void {
    if (this.out.isTTY) this.out.write('\r\u001b[2K');
  }
}
