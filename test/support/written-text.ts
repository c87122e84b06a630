import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Sessions, type IssuedCredentials } from '../../local/emulated-aws/sessions.ts';

/** The text of every file in a folder and its subfolders, also of compressed ones, by path. */
export async function textsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    texts.set(path, (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
  }
  return texts;
}

/** Collects the secret keys and session tokens of all credentials that emulations of this process issue from now on. */
export function collectSecrets(): { readonly secrets: ReadonlySet<string>; stop(): void } {
  const secrets = new Set<string>();
  const issue = Object.getOwnPropertyDescriptor(Sessions.prototype, 'issue')!.value as Sessions['issue'];
  const spy = jest.spyOn(Sessions.prototype, 'issue').mockImplementation(function (this: Sessions, session) {
    const issued: IssuedCredentials = issue.call(this, session);
    secrets.add(issued.secretAccessKey);
    if (issued.sessionToken !== undefined) secrets.add(issued.sessionToken);
    return issued;
  });
  return {
    secrets,
    stop: () => {
      spy.mockRestore();
    },
  };
}
