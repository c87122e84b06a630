/** The code of an error of the file system, such as `ENOENT`. Null: it is no such error. */
export const errorCodeOf = (error: unknown): string | null =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : null;

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  ENOENT: 'there is no such file',
  ENOTDIR: 'part of the path is a file',
  EISDIR: 'it is a folder',
  EEXIST: 'part of the path is a file',
  ERR_STRING_TOO_LONG: 'it is longer than the longest text',
};

/** Why a file can't be read or written, to complete "can't be read: …". */
export const fileFault = (error: unknown): string =>
  reasons[errorCodeOf(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
