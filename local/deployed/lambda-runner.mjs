// Loads a bundle as Lambda's runtime would, in a process of its own, and invokes its handler for each message.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , folder] = process.argv;
const { handler } = await import(pathToFileURL(join(folder, 'index.mjs')).href);

/** The peak of this program alone: resourceUsage() would count what its parent had when it was forked. */
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
