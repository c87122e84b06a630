/** The default folder for results on this machine. */
export const DEFAULT_OUT = './iam-audit-results';
