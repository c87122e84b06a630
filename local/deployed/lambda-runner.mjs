// Runs in its own process. Loads a bundle as Lambda's runtime does, and invokes the handler for each message.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , folder] = process.argv;
const { handler } = await import(pathToFileURL(join(folder, 'index.mjs')).href);

/** Peak memory of this process alone. resourceUsage() would include the parent's memory at the time of the fork. */
function megabytes() {
  const peak = process.platform === 'linux' ? /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) : null;
  return (peak === null ? process.resourceUsage().maxRSS : Number(peak[1])) / 1024;
}

process.on('message', async ({ event, timeoutMs, memoryLimitInMB }) => {
  const deadline = Date.now() + timeoutMs;
  const context = { getRemainingTimeInMillis: () => deadline - Date.now(), memoryLimitInMB };
  try {
    const result = await handler(event, context);
    process.send({ result: JSON.stringify(result ?? null), megabytes: megabytes() });
  } catch (error) {
    process.send({ error: { name: error.name, message: error.message }, megabytes: megabytes() });
  }
});
process.send('ready');
