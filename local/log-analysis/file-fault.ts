/** Node's code of a fault of the file system, such as ENOENT; null for another error. */
export const fileFaultCode = (error: unknown): string | null =>
  typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
