/**
 * The session name with generated parts replaced by `#`: UUIDs, numbers of five digits or more, hexadecimal text of
 * eight characters or more with a digit. Names of people and of jobs stay as they are. The Athena view does the same.
 */
export const sessionPattern = (name: string): string =>
  name.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{5,}|(?=[a-f]*[0-9])[0-9a-f]{8,}/gi, '#');
