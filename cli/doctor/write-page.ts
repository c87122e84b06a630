import { writeFile } from 'node:fs/promises';
import type { Diagnosis } from '../../core/contract/doctor/diagnosis.ts';
import { renderDiagnosis } from '../../core/doctor/page/render-diagnosis.ts';
import { allQuestions } from '../../core/doctor/questions/all-questions.ts';
import type { LogRow } from '../../core/ports/log-queries.ts';
import { systemClock } from '../../local/system-clock.ts';

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
