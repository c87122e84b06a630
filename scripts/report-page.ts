import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const APP = new URL('../report-app/', import.meta.url);
const BUILT = fileURLToPath(new URL('built/', APP));

/** The source of `Content-Security-Policy` for an inline script or style. */
const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** Bundles the report's page as one script and one style sheet, and writes them as the module `built/page.ts`. */
export async function buildReportPage(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('src/main.tsx', APP))],
    outdir: BUILT,
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['chrome110', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'inline',
    charset: 'ascii',
    logLevel: 'error',
  });
  const textOf = (ending: string): string => {
    const file = outputFiles.find(({ path }) => path.endsWith(ending));
    if (file === undefined) throw new Error(`The build made no ${ending} file.`);
    return file.text.trim();
  };
  const script = textOf('.js');
  const style = textOf('.css');
  const page = { script, style, scriptHash: hashOf(script), styleHash: hashOf(style) };
  const text = `/** Made by \`npm run build:report\` from report-app/src. */\nexport const reportPage = ${JSON.stringify(page)};\n`;
  mkdirSync(BUILT, { recursive: true });
  if (current() === text) return;
  // Another process may read the module at this moment, so it is replaced as a whole.
  writeFileSync(`${BUILT}page.ts.${process.pid}`, text);
  renameSync(`${BUILT}page.ts.${process.pid}`, `${BUILT}page.ts`);
}

function current(): string | null {
  try {
    return readFileSync(`${BUILT}page.ts`, 'utf8');
  } catch {
    return null;
  }
}
