import type { Examination } from '../diagnosis/examine.ts';
import type { LogRow } from '../../ports/log-queries.ts';
import { pageStyle } from '../../report/page-style.ts';
import { poolsOf } from './binned-timeline.ts';
import { headline } from './headline.ts';
import { markup } from './markup.ts';
import { doctorStyle } from './page-style.ts';
import { questionSection, verdictList, type Explain } from './question-section.ts';
import { sourceInBrief, sourceSection } from './source-section.ts';
import { timelineSection } from './timeline-section.ts';
import { windowsSection } from './windows-section.ts';

export interface DiagnosisPage extends Examination {
  /** Rows of the query `timeline`. */
  readonly timeline: readonly LogRow[];
  /** ISO 8601. */
  readonly generatedAt: string;
  readonly explain: Explain;
}

/**
 * Renders one self-contained HTML page without scripts and network requests, in pieces to be written one after another.
 * All texts in it come from logs and are untrusted: `markup` escapes them.
 * @throws LogQueryError if a row of the timeline is not as expected
 */
export function* renderDiagnosis({
  diagnosis,
  culprits,
  timeline,
  generatedAt,
  explain,
}: DiagnosisPage): Generator<string> {
  const pools = poolsOf(timeline);
  const { windows } = diagnosis.refused;
  yield '<!doctype html>';
  yield '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">';
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;
  yield `<title>Throttling of IAM and STS</title><style>${pageStyle}\n${doctorStyle}</style></head><body>`;
  yield headline(diagnosis, pools, culprits).text;
  yield markup`<p class="m a">${sourceInBrief(diagnosis)} <a href="#source">What was examined</a></p>`.text;
  yield markup`<h2>The eight questions</h2>
    ${verdictList(diagnosis)}`.text;
  yield* timelineSection({ pools, windows, culprits });
  yield* windowsSection(windows, pools);
  for (const answer of diagnosis.questions) yield* questionSection(answer, diagnosis.source, explain);
  yield sourceSection(diagnosis).text;
  yield markup`<p class="m">Generated ${generatedAt}.</p></body></html>`.text;
}
