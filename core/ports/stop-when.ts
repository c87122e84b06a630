import type { Clock } from './clock.ts';

const EVERY_MS = 1_000;

/**
 * Looks every second whether it is time to stop, and then says so once.
 * @returns ends the watch
 */
export function stopWhen(clock: Clock, isTime: () => boolean, stop: () => void): () => void {
  let watching = true;
  const watch = async (): Promise<void> => {
    while (watching) {
      if (isTime()) {
        stop();
        return;
      }
      await clock.sleep(EVERY_MS);
    }
  };
  void watch();
  return () => {
    watching = false;
  };
}
