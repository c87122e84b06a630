/**
 * `npm run docs:screenshots` writes docs/images/terminal.svg, and pictures of each view of the report, from a real run of
 * the demo. It needs Chromium: `apt-get install chromium`, or the environment variable CHROMIUM with its path.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { escapeHtml } from '../core/wording/html.ts';
import { launchChromium } from '../test/support/chromium.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs/images');
const FONT_SIZE = 14;
const LINE_HEIGHT = 20;
/** Width of a character in a monospaced font, relative to the font size. */
const CHARACTER = 0.602;
/** Longer lines are wrapped at spaces, so that the picture stays readable. */
const COLUMNS = 120;
/** Path that the screenshot shows instead of the temporary folder. */
const SHOWN_FOLDER = '/home/you/iam-audit';

const demo = ['demo'];

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

/** The pictures of the report: a view, whether it is dark, and the width in pixels. */
const pictures = ['overview', 'findings', 'principals', 'map', 'services', 'accounts', 'run'].flatMap((view) => [
  { name: `report-${view}`, view, scheme: 'light', width: 1_280 },
  { name: `report-${view}-dark`, view, scheme: 'dark', width: 1_280 },
  { name: `report-${view}-narrow`, view, scheme: 'light', width: 390 },
]);
const HEIGHT = 860;

async function takePictures(report: string): Promise<void> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const take = async (name: string): Promise<void> => {
      const file = join(images, `${name}.png`);
      await page.screenshot({ path: `${images}/${name}.png`, optimizeForSpeed: false });
      process.stdout.write(`${file}: ${Math.round(statSync(file).size / 1024)} KB\n`);
    };
    const open = async (hash: string, scheme: string, width: number): Promise<void> => {
      await page.setViewport({ width, height: HEIGHT });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.goto('about:blank');
      await page.goto(`${pathToFileURL(report).href}#/${hash}`);
      await page.waitForSelector('nav [aria-current="page"]');
    };
    for (const { name, view, scheme, width } of pictures) {
      await open(view, scheme, width);
      await take(name);
    }
    await open('findings?rule=escalation-path', 'light', 1_280);
    await page.click('.row-head');
    await page.waitForSelector('.path');
    await take('report-finding');
    await page.click('.detail a');
    await page.waitForSelector('.arn');
    await take('report-principal');
  } finally {
    await browser.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'iam-audit-'));
try {
  mkdirSync(images, { recursive: true });
  const printed = iamAudit(demo, folder).replaceAll(folder, SHOWN_FOLDER).split('\n');
  const terminal = join(images, 'terminal.svg');
  writeFileSync(terminal, terminalSvg([`$ npx iam-audit ${demo.join(' ')}`, ...printed]));
  process.stdout.write(`${terminal}: ${Math.round(statSync(terminal).size / 1024)} KB\n`);
  const page = join(folder, 'report.html');
  writeFileSync(page, iamAudit(['report'], folder));
  await takePictures(page);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
