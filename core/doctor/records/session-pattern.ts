/**
 * The session name with generated parts replaced by `#`: UUIDs, numbers of nine digits or more, as the SDKs' own names
 * have, and hexadecimal text of eight characters or more with a letter and a digit. Shorter numbers identify
 * employees, builds or processes, so they are kept, like names of people. The Athena view does the same.
 */
export const sessionPattern = (name: string): string =>
  name.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,}|[0-9]{9,}/gi, '#');
