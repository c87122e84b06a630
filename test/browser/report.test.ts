import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'puppeteer-core';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { hostileName, hostileTexts, sampleFindings, sampleReport } from '../support/sample-report.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(120_000);

const PRINCIPALS = 120;
const views = ['overview', 'findings', 'principals', 'map', 'services', 'accounts', 'run'] as const;

const hasBrowser = chromiumPath() !== null;
if (!hasBrowser) process.stderr.write('The tests in a browser are left out: Chromium was not found.\n');
const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('the report in Chromium', () => {
  let browser: Browser;
  let url = '';
  let page: Page;
  /** What the page wrote to the console, its errors, and its requests. */
  let told: string[] = [];
  let requests: string[] = [];

  beforeAll(async () => {
    url = await sampleReport(PRINCIPALS);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    told = [];
    requests = [];
    page = await browser.newPage();
    await page.setViewport({ width: 1_280, height: 900 });
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(String(error)));
    page.on('dialog', (dialog) => {
      told.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('request', (request) => requests.push(request.url()));
  });
  afterEach(async () => {
    expect(told).toEqual([]);
    expect(requests.filter((one) => !one.startsWith(url) && !one.startsWith('blob:'))).toEqual([]);
    expect(await page.title()).not.toContain('taken over');
    await page.close();
  });

  const open = async (hash: string): Promise<void> => {
    await page.goto('about:blank');
    await page.goto(`${url}#/${hash}`);
    await page.waitForSelector('nav [aria-current="page"]');
  };
  const text = (selector: string): Promise<string> => page.$eval(selector, (element) => element.textContent);
  const firstTitle = (): Promise<string> => text('.list [data-index="0"] .row-title');
  const violations = async (): Promise<unknown[]> => {
    await page.evaluate(axe.source);
    return page.evaluate(async () => {
      const { axe: checker } = globalThis as unknown as {
        axe: {
          run: (
            options: object,
          ) => Promise<{ violations: { id: string; nodes: { target: unknown; failureSummary: string }[] }[] }>;
        };
      };
      const { violations: found } = await checker.run({ resultTypes: ['violations'] });
      return found.map(({ id, nodes }) => ({
        id,
        nodes: nodes.slice(0, 3).map(({ target, failureSummary }) => [target, failureSummary]),
      }));
    });
  };

  describe.each([
    ['light', 1_280],
    ['dark', 1_280],
    ['light', 390],
    ['dark', 390],
  ] as const)('%s, %d px', (scheme, width) => {
    test.each([
      ...views,
      `principal?arn=${encodeURIComponent('arn:aws:iam::222233334444:user/p16')}`,
      'findings?open=a000000000000012',
    ])('%s: no violation of axe-core, nothing wider than the screen', async (view) => {
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await open(view);
      expect(await violations()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    });
  });

  test('the overview answers in words and leads to the findings', async () => {
    await open('overview');
    expect(await text('.answer')).toMatch(
      /\d+ users and \d+ roles can take over these accounts\. \d+ identities are unused\./,
    );
    const href = await page.$eval('.worst a', (link) => link.getAttribute('href'));
    expect(href).toMatch(/^#\/findings\?/);
    await page.click('.worst a');
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Findings');
    expect(await page.$$eval('.row', (rows) => rows.length)).toBeGreaterThan(0);
  });

  test('search, filters, sorting and groups, each in the address', async () => {
    await open('findings');
    const all = await text('.toolbar [role="status"]');
    expect(all).toBe(`${sampleFindings(PRINCIPALS) - 11 - 9} findings`);
    await page.type('[data-search]', 'p42 ');
    await page.waitForFunction(() => document.querySelector('.toolbar [role="status"]')?.textContent === '2 findings');
    await open('findings?severity=critical&sort=oldest');
    expect(await firstTitle()).toContain('can become an administrator');
    const severitiesShown = await page.$$eval('.list .severity', (tags) => [
      ...new Set(tags.map((tag) => tag.textContent)),
    ]);
    expect(severitiesShown).toEqual(['critical']);
    await open('findings?state=suppressed');
    expect(await text('.toolbar [role="status"]')).toBe('11 findings');
    await open('findings?unit=Root%2FWorkloads&group=account');
    const groups = await page.$$eval('.group', (heads) => heads.map((head) => head.textContent));
    expect(groups[0]).toMatch(/^222233334444|^333344445555/);
    await page.select('.filters select', 'all');
    expect(page.url()).toContain('state=all');
  });

  test('an opened finding shows its way, statements, remedy, difference of policies and exception', async () => {
    await open('findings');
    await page.focus('.list [data-index="0"] .row-head');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.detail');
    expect(page.url()).toMatch(/open=a\d+/);
    await page.$$eval('.detail details', (all) => {
      for (const one of all) one.setAttribute('open', '');
    });
    const detail = await text('.detail');
    for (const part of [
      'iam:PassRole + lambda:CreateFunction',
      'inline policy own, statement 1',
      '"lambda:*"',
      'What to do',
      'npx iam-audit path',
      '"expires": "2027-02-25"',
      'AWS does not track the use: iam:PassRole',
    ]) {
      expect(detail).toContain(part);
    }
    expect(await text('.diff del')).toContain('lambda:*');
  });

  test('columns sort, and the screen reader is told', async () => {
    await open('principals');
    expect(await page.$eval('[aria-sort="ascending"]', (head) => head.textContent)).toContain('Worst finding');
    await page.click('[role="columnheader"] button');
    await page.waitForFunction(() =>
      document.querySelector('[aria-sort="ascending"]')?.textContent.includes('Principal'),
    );
    const names = await page.$$eval('[role="row"] [role="cell"]:first-child a', (links) =>
      links.slice(0, 3).map((link) => link.textContent),
    );
    expect(names).toEqual([...names].sort());
    expect(await page.$eval('[role="table"]', (table) => table.getAttribute('aria-rowcount'))).toBe(
      String(PRINCIPALS + 1),
    );
    await page.click('[role="columnheader"] button');
    await page.waitForSelector('[aria-sort="descending"]');
  });

  test('only rows in view are drawn, and scrolling draws the others', async () => {
    await open('principals');
    expect(await page.$$eval('[data-index]', (rows) => rows.length)).toBeLessThan(60);
    await page.evaluate(() => {
      scrollTo(0, document.documentElement.scrollHeight);
    });
    await page.waitForSelector(`[data-index="${PRINCIPALS - 1}"]`);
  });

  test('the keyboard reaches everything: skip link, views, search', async () => {
    await open('findings');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.hasAttribute('data-search'))).toBe(true);
    await page.focus('nav li:nth-child(3) a');
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      () => document.activeElement?.tagName === 'H1' && document.title.startsWith('Principals'),
    );
  });

  test('a deep link opens the page of a principal; an unknown one says so', async () => {
    await open(`principal?arn=${encodeURIComponent('arn:aws:iam::222233334444:user/p16')}`);
    expect(await text('h1')).toBe('user p16');
    const main = await text('main');
    for (const part of [
      'What it can become',
      'Who can become it',
      'Services allowed and used',
      'Access keys',
      'inline policy own',
    ]) {
      expect(main).toContain(part);
    }
    await open('principal?arn=arn:aws:iam::222233334444:user/nobody');
    expect(await text('.empty')).toContain('This report has no principal');
    await open('nonsense');
    expect(await text('h1')).toBe('Overview');
  });

  test('printing draws all rows of the view, without the navigation', async () => {
    await open('principals');
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.$$eval('[role="row"]', (rows) => rows.length)).toBe(PRINCIPALS + 1);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
    await page.emulateMediaType('print');
    expect(await page.$eval('nav', (nav) => nav.checkVisibility())).toBe(false);
  });

  test('texts from AWS are shown as they are, and never run', async () => {
    for (const [n, hostile] of hostileTexts.entries()) {
      const visible = (shown: string): string => shown.replace(/[\u0000\u202e]/g, '\ufffd');
      const name = `p${n}${hostileName(hostile)}`;
      await open(`findings?q=${encodeURIComponent(name)}&open=a${String(n).padStart(15, '0')}`);
      expect(await text('.row-title')).toContain(visible(name));
      await page.click('.detail a');
      await page.waitForFunction(() => location.hash.startsWith('#/principal?'));
      expect(await text('main')).toContain(visible(hostile));
    }
    for (const view of views) await open(view);
    expect(await page.$$eval('img, iframe, object, embed', (elements) => elements.length)).toBe(0);
  });

  test('the filtered view is exported as CSV, with nothing that a spreadsheet runs, and as JSON', async () => {
    const folder = temporaryFolder('downloads');
    const session = await browser.target().createCDPSession();
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
    await open('findings?q=p4');
    const count = Number.parseInt(await text('.toolbar [role="status"]'), 10);
    const buttons = await page.$$('.export button');
    for (const button of buttons) await button.click();
    const files = await waitForFiles(folder, 2);
    const csv = readFileSync(join(folder, files.find((name) => name.endsWith('.csv')) ?? ''), 'utf8');
    const json = JSON.parse(
      readFileSync(join(folder, files.find((name) => name.endsWith('.json')) ?? ''), 'utf8'),
    ) as unknown[];
    expect([csv.trimEnd().split('\r\n').length - 1, json.length]).toEqual([count, count]);
    expect(csv).not.toMatch(/(^|,)"[=+@-]/m);
  });

  test('a file that was cut says so, and keeps its summary', async () => {
    const cut = `${url.slice('file://'.length)}.cut.html`;
    const whole = readFileSync(url.slice('file://'.length), 'utf8');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(cut, whole.replace(/(id="report-data">[^<]{4000})[^<]*/, '$1'));
    requests = [];
    await page.goto(`file://${cut}`);
    await page.waitForSelector('#loading.error');
    expect(await text('#loading')).toMatch(/incomplete|damaged/);
    expect(await text('main')).toContain('The most severe findings');
    requests = [];
  });
});

async function waitForFiles(folder: string, count: number): Promise<string[]> {
  for (;;) {
    const files = readdirSync(folder).filter((name) => !name.endsWith('.crdownload'));
    if (files.length === count) return files;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
