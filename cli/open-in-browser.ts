import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import open from 'open';

/** A program that opens files fails within this time, or it has given the file to a browser. */
const FAILS_WITHIN_MS = 2_000;

/** Opens a file in the browser. @returns false if there is no browser, or no screen to show it on */
export async function opensInBrowser(path: string): Promise<boolean> {
  if (process.platform === 'linux' && !hasScreen(process.env)) return false;
  try {
    const opener = await open(path);
    const abort = new AbortController();
    const outcome = await Promise.race([
      opener.exitCode === null ? once(opener, 'exit', { signal: abort.signal }) : [opener.exitCode],
      setTimeout(FAILS_WITHIN_MS, null, { signal: abort.signal }),
    ]);
    abort.abort();
    return outcome === null || outcome[0] === 0;
  } catch {
    // The program that opens files is missing, or can't be started.
    return false;
  }
}

/** X11, Wayland, or the desktop of Windows (WSL). Without one, programs that open files start browsers for a terminal. */
const hasScreen = ({ DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME }: NodeJS.ProcessEnv): boolean =>
  [DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME].some((value) => value !== undefined && value !== '');
