/** What looks like a domain or a mail address. The last part of a file's name is no domain. */
const DOMAIN = /(?<![\w.-])(?:[\w+-]+[.@])+(?!(?:json|jsonl|html|csv)\b)[A-Za-z]{2,}(?![\w-])/g;

/**
 * A text from AWS as it may stand in a message: programs that show messages make links from addresses and domains, and
 * anyone who may name a user or a role could place one. A dot before a letter is put in square brackets.
 */
export const withoutLinks = (text: string): string =>
  text.replaceAll('://', '[://]').replace(DOMAIN, (domain) => domain.replaceAll('.', '[.]'));
