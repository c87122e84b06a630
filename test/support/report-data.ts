import { objects } from '../../core/contract/objects.ts';
import type { ObjectStore } from '../../core/ports/store.ts';
import type { Report } from '../../report-app/src/data/model.ts';
import { readReport } from '../../report-app/src/data/read-page.ts';

/** The data of a written report, as the report's application reads it. */
export async function dataOfReport(html: string): Promise<Report> {
  const data = /<script type="application\/gzip" id="report-data">([^<]*)<\/script>/.exec(html)?.[1];
  if (data === undefined) throw new Error('The page has no data.');
  return readReport(data);
}

/** The data of a run's report. */
export async function reportOfRun(store: ObjectStore, runId: string): Promise<Report> {
  const stored = await store.read(objects.report(runId));
  if (stored === null) throw new Error(`Run ${runId} has no report.`);
  return dataOfReport(stored.text);
}
