/** The exit codes of all commands. Scripts rely on them. */
export const exitCodes = {
  complete: 0,
  failed: 1,
  /** A wrong option or argument. */
  usage: 2,
  /** The run or the answer is incomplete. */
  partial: 3,
  /** The command found what it searches for: `diff` a change, `doctor` a cause of throttling. */
  somethingFound: 4,
  /** Stopped at once by Ctrl-C: shells use 128 plus the number of the signal SIGINT. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
