/** A title, and a table in Markdown under it. The first cell of each row is its name. */
export const markdownTable = (
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string =>
  [title, '', ...[columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
