import { spawnSync } from 'node:child_process';
import puppeteer, { type Browser } from 'puppeteer-core';

/** The path of a Chromium or Chrome; null if there is none. The environment variable CHROMIUM names another one. */
export function chromiumPath(): string | null {
  const candidates = [process.env.CHROMIUM ?? '', 'chromium', 'chromium-browser', 'google-chrome'];
  for (const candidate of candidates) {
    if (candidate === '') continue;
    const found = spawnSync('which', [candidate], { encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  return null;
}

/** Starts a headless browser. @throws Error if there is none */
export function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) {
    throw new Error(
      'Chromium was not found. Install it (apt-get install chromium), or set the environment variable CHROMIUM to its path.',
    );
  }
  return puppeteer.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu'] });
}
