/**
 * `npm run docs:screenshots` writes docs/images/terminal.svg and docs/images/report.png from a real run of the demo.
 * It needs Chromium for the report: `apt-get install chromium`, or the environment variable CHROMIUM with its path.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { escapeHtml } from '../core/wording/html.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs/images');
const WIDTH = 1_120;
const REPORT_HEIGHT = 900;
const FONT_SIZE = 14;
const LINE_HEIGHT = 20;
/** Width of a character in a monospaced font, relative to the font size. */
const CHARACTER = 0.602;
/** Longer lines are wrapped at spaces, so that the picture stays readable. */
const COLUMNS = 120;
/** Path that the screenshot shows instead of the temporary folder. */
const SHOWN_FOLDER = '/home/you/iam-audit';

const demo = ['demo', '--principals', '200', '--rate', '30', '--bystanders', '0.2'];

function chromium(): string {
  const candidates = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].filter(
    (candidate) => candidate !== undefined && candidate !== '',
  );
  for (const candidate of candidates) {
    if (candidate !== undefined && spawnSync(candidate, ['--version']).status === 0) return candidate;
  }
  throw new Error(
    'Chromium was not found. Install it (apt-get install chromium), or set the environment variable CHROMIUM to its path.',
  );
}

/** Runs the command. @returns its standard error, followed by its standard output */
function iamAudit(args: readonly string[], folder: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'bin/iam-audit.ts', ...args, '--out', join(folder, 'iam-audit-results')],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`iam-audit ${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  return `${stderr}${stdout}`.trim();
}

const wrapped = (line: string): string[] =>
  line.match(new RegExp(`.{1,${COLUMNS}}(?:\\s|$)|\\S{${COLUMNS}}`, 'gu'))?.map((part) => part.trimEnd()) ?? [''];

function terminalSvg(output: readonly string[]): string {
  const lines = output.flatMap(wrapped);
  const width = Math.ceil(Math.max(...lines.map(({ length }) => length)) * FONT_SIZE * CHARACTER) + 40;
  const height = lines.length * LINE_HEIGHT + 40;
  const text = lines.map((line, n) => {
    const color = line.startsWith('$') ? '#7ee787' : '#e6edf3';
    return `<text x="20" y="${34 + n * LINE_HEIGHT}" fill="${color}" xml:space="preserve">${escapeHtml(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">`,
    ...text,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const browser = chromium();
const folder = mkdtempSync(join(tmpdir(), 'iam-audit-'));
try {
  mkdirSync(images, { recursive: true });
  const printed = iamAudit(demo, folder).replaceAll(folder, SHOWN_FOLDER).split('\n');
  const terminal = join(images, 'terminal.svg');
  writeFileSync(terminal, terminalSvg([`$ npx iam-audit ${demo.join(' ')}`, ...printed]));

  const page = join(folder, 'report.html');
  writeFileSync(page, iamAudit(['report'], folder));
  const report = join(images, 'report.png');
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--force-color-profile=srgb'];
  const size = `--window-size=${WIDTH},${REPORT_HEIGHT}`;
  const shot = spawnSync(browser, [...flags, size, `--screenshot=${report}`, pathToFileURL(page).href], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (shot.status !== 0) throw new Error(`Chromium ended with ${String(shot.status)}: ${shot.stderr}`);
  for (const file of [terminal, report])
    process.stdout.write(`${file}: ${Math.round(statSync(file).size / 1024)} KB\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
