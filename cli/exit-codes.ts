/** Exit codes of every command. Scripts rely on them. */
export const exitCodes = { complete: 0, failed: 1, usage: 2, partial: 3, found: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code that shells use for a command that Ctrl-C ended. */
export const INTERRUPTED = 130;
