/** The script of the threads that read log files. `import.meta.url` is in a folder of the root also in a bundle. */
export const logWorkerUrl = new URL('../local/log-analysis/log-worker.ts', import.meta.url);
