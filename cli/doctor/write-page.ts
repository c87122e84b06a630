import { access, constants, open, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Examination } from '../../core/doctor/diagnosis/examine.ts';
import { renderDiagnosis } from '../../core/doctor/page/render-diagnosis.ts';
import { allQuestions } from '../../core/doctor/questions/all-questions.ts';
import type { LogRow } from '../../core/ports/log-queries.ts';
import { fileFaultCode } from '../../local/log-analysis/file-fault.ts';
import { systemClock } from '../../local/system-clock.ts';

/** The start of every page, which no log has. */
const PAGE_START = '<!doctype html>';

/**
 * Why a page can't be written to this file, as a sentence; null if it can. Asked before the logs are read. A file that is no
 * page is not overwritten: it may be one of the logs.
 */
export async function pageProblem(file: string): Promise<string | null> {
  const folder = dirname(file);
  try {
    await access(folder, constants.W_OK);
  } catch {
    return `--html: the folder ${folder} does not exist or is not writable.`;
  }
  const existing = await stat(file).catch(() => null);
  if (existing?.isDirectory() === true) return `--html: ${file} is a folder. Name a file in it.`;
  // Opening a pipe would wait for its reader.
  if (existing !== null && !existing.isFile()) return null;
  try {
    if (existing !== null && existing.size > 0 && !(await isPage(file))) {
      return `--html: ${file} exists and is not an HTML page, so it is not overwritten. Name another file.`;
    }
    await (await open(file, 'a', 0o600)).close();
    if (existing === null) await rm(file);
    return null;
  } catch (error: unknown) {
    return `--html: ${file} can't be written: ${fileFaultCode(error) ?? String(error)}. Name another file.`;
  }
}

async function isPage(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(PAGE_START.length), 0, PAGE_START.length, 0);
    return buffer.toString('latin1', 0, bytesRead).toLowerCase() === PAGE_START;
  } finally {
    await handle.close();
  }
}

/** Writes the diagnosis as one HTML page. @throws Error of the file system */
export async function writePage(file: string, examined: Examination, timeline: readonly LogRow[]): Promise<void> {
  const questions = new Map(allQuestions.map((question) => [question.id, question]));
  const page = renderDiagnosis({
    ...examined,
    timeline,
    generatedAt: new Date(systemClock.now()).toISOString(),
    explain: (id) => questions.get(id) ?? { asks: id, method: '' },
  });
  await writeFile(file, [...page].join(''), { mode: 0o600 });
}
