/** The logs can't be read at all: a thread failed, or the rows can't be written. The message has the reason. */
export class LogReadError extends Error {
  override name = 'LogReadError';
}
