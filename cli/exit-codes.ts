/** What a command's end means to scripts. */
export const exitCodes = { complete: 0, failed: 1, usage: 2, partial: 3, found: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What a shell expects of a command that Ctrl-C ended at once. */
export const INTERRUPTED = 130;
