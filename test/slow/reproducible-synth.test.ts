import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(300_000);

const root = join(__dirname, '../..');
const withAllFunctions = {
  doctor: { trailBucket: 'trail' },
  securityHub: true,
  accounts: 'organization',
  memberRoleName: 'member',
};

/** A checkout in another folder, with the same packages. */
function checkout(folder: string): string {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  // Hard links need no space, but the same file system.
  const copy = (how: string): Buffer =>
    execFileSync('cp', [how, join(root, 'node_modules'), folder], { stdio: 'pipe' });
  try {
    copy('-al');
  } catch {
    copy('-a');
  }
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build-report.ts'], { cwd: folder });
  return folder;
}

/** Synthesises as an operator would. @returns hashes of the templates and of all files of the assets, by name */
function synthesised(folder: string): Record<string, string> {
  const context = `iamAudit=${JSON.stringify(withAllFunctions)}`;
  const cdk = join(folder, 'node_modules/aws-cdk/bin/cdk');
  execFileSync(process.execPath, [cdk, 'synth', '--quiet', '-c', context], { cwd: folder, stdio: 'pipe' });
  const out = join(folder, 'cdk.out');
  const files = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => /\.template\.json$|\.assets\.json$|\/asset\./.test(file));
  return Object.fromEntries(
    files.map((file) => [relative(out, file), createHash('sha256').update(readFileSync(file)).digest('hex')]),
  );
}

test('the same sources give the same templates and assets in every folder', () => {
  const folder = temporaryFolder('synth');
  const folders = ['one', 'deeper/below/other'].map((name) => checkout(join(folder, name)));
  const [one = {}, other] = folders.map(synthesised);
  expect(other).toEqual(one);
  const names = Object.keys(one);
  expect(names.filter((name) => name.endsWith('.template.json'))).not.toEqual([]);
  // A bundle and its source map for each of the eight functions.
  expect(names.filter((name) => /^asset\..*\/index\.mjs(\.map)?$/.test(name))).toHaveLength(16);
});
