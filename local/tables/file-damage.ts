import { open } from 'node:fs/promises';

const MAGIC = 'PAR1';
/** The magic number at both ends, and the length of the metadata. */
const SMALLEST_BYTES = 12;

/** Why a file is no complete Parquet file, as a clause; null if it has a beginning and an end. Pages are not checked. */
export async function fileDamage(path: string): Promise<string | null> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size === 0) return 'it is empty';
    if (size < SMALLEST_BYTES) return `it has only ${size} bytes`;
    const ends = Buffer.alloc(SMALLEST_BYTES);
    await file.read(ends, 0, 4, 0);
    await file.read(ends, 4, 8, size - 8);
    if (ends.toString('latin1', 0, 4) !== MAGIC) return 'it is not a Parquet file';
    if (ends.toString('latin1', 8) !== MAGIC) return 'it is cut off';
    return ends.readUInt32LE(4) + SMALLEST_BYTES > size ? 'its metadata is damaged' : null;
  } finally {
    await file.close();
  }
}
