import type { LeftOut } from '../../core/contract/doctor/diagnosis.ts';
import type { NotRead } from '../../core/ports/log-files.ts';
import type { LogFileReport, Note } from './log-file-report.ts';

const MOST_EXAMPLES = 3;
/** Error messages may differ from file to file, so the number of different reasons is limited. */
const MOST_REASONS = 100;

/** Counts what was left out, by reason. Each reason names up to three files. */
export class LeftOutTally {
  readonly #entries = new Map<string, { readonly note: Note; count: number; readonly paths: string[] }>();
  #complete = true;

  addReport(path: string, { notes }: LogFileReport): void {
    for (const note of notes) this.#add(path, note);
  }

  addNotRead({ what, path, reason, losesRecords }: NotRead): void {
    this.#add(path, { what, reason, losesRecords, count: 1 });
  }

  /** False if records of the period may be missing. */
  get complete(): boolean {
    return this.#complete;
  }

  entries(): LeftOut[] {
    return [...this.#entries.values()].map(({ note: { what, reason }, count, paths }) => ({
      what,
      reason: `${reason} In ${paths.join(', ')}${count > paths.length && paths.length === MOST_EXAMPLES ? ' and others' : ''}.`,
      count,
    }));
  }

  #add(path: string, note: Note): void {
    if (note.losesRecords) this.#complete = false;
    const known = this.#entries.has(`${note.what} ${note.reason}`) || this.#entries.size < MOST_REASONS;
    const counted = known ? note : { ...note, reason: 'Other reasons.' };
    const key = `${counted.what} ${counted.reason}`;
    const entry = this.#entries.get(key) ?? { note: counted, count: 0, paths: [] };
    entry.count += note.count;
    if (entry.paths.length < MOST_EXAMPLES && !entry.paths.includes(path)) entry.paths.push(path);
    this.#entries.set(key, entry);
  }
}
