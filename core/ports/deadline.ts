import type { Clock } from './clock.ts';

const CHECK_INTERVAL_MS = 1_000;

/**
 * Checks every second whether it is time to stop, and then calls `stop` once.
 * @returns a function that ends the checks
 */
export function stopWhen(clock: Clock, isTime: () => boolean, stop: () => void): () => void {
  let watching = true;
  const watch = async (): Promise<void> => {
    while (watching) {
      if (isTime()) {
        stop();
        return;
      }
      await clock.sleep(CHECK_INTERVAL_MS);
    }
  };
  void watch();
  return () => {
    watching = false;
  };
}
