// Loads a bundle as Lambda's runtime would, in a process of its own, and invokes its handler for each message.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , folder] = process.argv;
const { handler } = await import(pathToFileURL(join(folder, 'index.mjs')).href);

process.on('message', async ({ event, timeoutMs, memoryLimitInMB }) => {
  const deadline = Date.now() + timeoutMs;
  const context = { getRemainingTimeInMillis: () => deadline - Date.now(), memoryLimitInMB };
  const megabytes = () => process.resourceUsage().maxRSS / 1024;
  try {
    const result = await handler(event, context);
    process.send({ result: JSON.stringify(result ?? null), megabytes: megabytes() });
  } catch (error) {
    process.send({ error: { name: error.name, message: error.message }, megabytes: megabytes() });
  }
});
process.send('ready');
