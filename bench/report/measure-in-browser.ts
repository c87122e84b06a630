import { launchChromium } from '../../test/support/chromium.ts';

export interface BrowserFigures {
  /** From the navigation until the report can be used. */
  readonly openSeconds: number;
  /** From the first key until the list shows the result. */
  readonly findingsSearchSeconds: number;
  readonly principalsSearchSeconds: number;
  readonly printSeconds: number;
  readonly heapMegabytes: number;
}

/** Opens the report as a reader does, searches it and prints it. @param url of the file */
export async function measureInBrowser(url: string): Promise<BrowserFigures> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1_400, height: 1_000 });
    const seconds = async (work: () => Promise<unknown>): Promise<number> => {
      const before = performance.now();
      await work();
      return (performance.now() - before) / 1_000;
    };
    const openSeconds = await seconds(async () => {
      await page.goto(`${url}#/overview`);
      await page.waitForSelector('nav [aria-current="page"]');
    });
    const search = (view: string): Promise<number> =>
      page.goto(`${url}#/${view}`).then(async () => {
        await page.waitForSelector('[data-search]');
        await page.waitForSelector('[data-index="0"]');
        return seconds(async () => {
          await page.focus('[data-search]');
          await page.keyboard.type('a');
          await page.keyboard.type('d');
          await page.keyboard.type('m');
          await page.waitForFunction(
            () => location.hash.includes('q=adm') && document.querySelector('[role="status"]') !== null,
          );
        });
      });
    const findingsSearchSeconds = await search('findings');
    const principalsSearchSeconds = await search('principals');
    const printSeconds = await seconds(() => page.pdf({ timeout: 120_000 }));
    const { JSHeapUsedSize = 0 } = await page.metrics();
    return {
      openSeconds,
      findingsSearchSeconds,
      principalsSearchSeconds,
      printSeconds,
      heapMegabytes: Math.round(JSHeapUsedSize / 1e6),
    };
  } finally {
    await browser.close();
  }
}
