import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Diagnosis } from '../../core/contract/doctor/diagnosis.ts';
import { renderDiagnosis } from '../../core/doctor/page/render-diagnosis.ts';
import { allQuestions } from '../../core/doctor/questions/all-questions.ts';
import type { LogRow } from '../../core/ports/log-queries.ts';
import { systemClock } from '../../local/system-clock.ts';

/** Why a page can't be written to this file, as a sentence; null if it can. Asked before the logs are read. */
export async function pageProblem(file: string): Promise<string | null> {
  const folder = dirname(file);
  try {
    await access(folder, constants.W_OK);
  } catch {
    return `--html: the folder ${folder} does not exist or is not writable.`;
  }
  const existing = await stat(file).catch(() => null);
  return existing?.isDirectory() === true ? `--html: ${file} is a folder. Name a file in it.` : null;
}

/** Writes the diagnosis as one HTML page. @throws Error of the file system */
export async function writePage(file: string, diagnosis: Diagnosis, timeline: readonly LogRow[]): Promise<void> {
  const questions = new Map(allQuestions.map((question) => [question.id, question]));
  const page = renderDiagnosis({
    diagnosis,
    timeline,
    generatedAt: new Date(systemClock.now()).toISOString(),
    explain: (id) => questions.get(id) ?? { asks: id, method: '' },
  });
  await writeFile(file, [...page].join(''), { mode: 0o600 });
}
