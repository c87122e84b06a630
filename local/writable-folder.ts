import { randomBytes } from 'node:crypto';
import { mkdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';

const CodedError = v.object({ code: v.string() });

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you have no permission to write there',
  EPERM: 'you have no permission to write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'its disk quota is used up',
  ENOENT: "folders and files can't be created there",
  ENAMETOOLONG: 'its name is too long',
};

/**
 * Why files can't be written to a folder, which may not exist yet; null if they can. Writes a file to find out, and
 * removes everything that it created. Folders are created one by one, because the recursive `mkdir` of Node.js does not
 * end in /proc.
 */
export async function whyNotWritable(folder: string): Promise<string | null> {
  const path = resolve(folder);
  const created: string[] = [];
  try {
    for (const missing of await missingFolders(path)) {
      await mkdir(missing, { mode: 0o700 });
      created.unshift(missing);
    }
    const probe = join(path, `.~${randomBytes(8).toString('hex')}`);
    await writeFile(probe, '', { flag: 'wx' });
    await rm(probe);
    return null;
  } catch (error: unknown) {
    if (error instanceof NotAFolder) return error.message;
    if (!v.is(CodedError, error)) throw error;
    return `Results can't be written to ${path}: ${reasons[error.code] ?? error.code}.`;
  } finally {
    for (const one of created) await rmdir(one).catch(() => undefined);
  }
}

class NotAFolder extends Error {
  override name = 'NotAFolder';
}

/** The folders that must be created, from the top down. @throws NotAFolder */
async function missingFolders(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let current = path; ; current = dirname(current)) {
    const found = await stat(current).catch((error: unknown) => {
      if (v.is(CodedError, error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
      throw error;
    });
    if (found?.isDirectory() === true) return missing;
    if (found !== null)
      throw new NotAFolder(`Results can't be written to ${path}: ${current} is a file, not a folder.`);
    missing.unshift(current);
  }
}
