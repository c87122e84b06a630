/** Where results go on this machine when nothing else is said. */
export const DEFAULT_OUT = './iam-audit-results';
