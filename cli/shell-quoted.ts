/** Quotes an argument for a POSIX shell, if it has characters that a shell may interpret. */
export const shellQuoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
