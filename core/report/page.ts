import { severities, type Finding, type Severity } from '../contract/finding.ts';
import type { ReportHead } from '../contract/report/report-data.ts';
import { needsAction } from '../findings/compare.ts';
import { base64Of } from '../streams/base64.ts';
import { gzipped } from '../streams/gzip.ts';
import { escapeHtml } from '../wording/html.ts';
import { defaultRoom, reportLines, type ReportSources, type Room } from './data/report-lines.ts';

/** The built report application. The hashes are those of a Content-Security-Policy, such as `sha256-…`. */
export interface ReportPage {
  readonly script: string;
  readonly style: string;
  readonly scriptHash: string;
  readonly styleHash: string;
}

/** Findings in the part of the page that needs no script. */
const MOST_STATIC = 20;

/**
 * Renders one self-contained page that makes no requests. It begins with a summary that needs no script; the
 * application replaces it. Yields parts of the page, so that it can be written while the records are read.
 */
export async function* renderReport(
  head: ReportHead,
  sources: ReportSources,
  page: ReportPage,
  room: Room = defaultRoom,
): AsyncGenerator<string> {
  const policy = [
    "default-src 'none'",
    `script-src '${page.scriptHash}'`,
    `style-src '${page.styleHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  yield '<!doctype html>';
  yield '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">';
  yield `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
  yield `<meta name="color-scheme" content="light dark"><title>IAM audit ${escapeHtml(head.run.runId)}</title>`;
  yield `<style>${page.style}</style></head><body><div id="app">`;
  yield* summaryWithoutScript(head, sources.findings());
  yield '</div>';
  yield '<script type="application/gzip" id="report-data">';
  yield* base64Of(gzipped(withLineFeeds(reportLines(head, sources, room))));
  yield '</script>';
  yield `<script>${page.script}</script></body></html>`;
}

async function* withLineFeeds(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

/** The summary that is shown without a script, and until the application has read the data. */
async function* summaryWithoutScript(
  { run, meaning, scope, notes, generatedAt }: ReportHead,
  findings: AsyncIterable<Finding>,
): AsyncGenerator<string> {
  yield `<main class="static"><h1>IAM audit: ${run.status}</h1>`;
  yield `<p>${escapeHtml(meaning)} ${escapeHtml(scope)} Run ${escapeHtml(run.runId)}.</p>`;
  for (const { kind, text } of notes) yield `<p class="note ${kind}">${escapeHtml(text)}</p>`;
  if (run.findings !== undefined) {
    const counts = run.findings;
    const bySeverity = severities.map((severity) => `${counts[severity]} ${severity}`).join(', ');
    yield `<p>Findings: ${bySeverity}; ${counts.new} new, ${counts.suppressed} suppressed, ${counts.resolved} resolved.</p>`;
    yield* worstFindings(findings);
  }
  yield `<p class="loading" id="loading">The report is being opened. It needs JavaScript in a browser of 2023 or later.</p>`;
  yield `<p>Generated ${escapeHtml(generatedAt)}.</p></main>`;
}

async function* worstFindings(findings: AsyncIterable<Finding>): AsyncGenerator<string> {
  const worst = await worstOf(findings, MOST_STATIC);
  if (worst.length === 0) return;
  yield '<table><caption>The most severe findings</caption><thead><tr><th scope="col">Severity</th><th scope="col">Finding</th><th scope="col">Principal</th></tr></thead><tbody>';
  for (const { severity, title, principalArn } of worst) {
    yield `<tr><td>${severity}</td><td>${escapeHtml(title)}</td><td>${escapeHtml(principalArn)}</td></tr>`;
  }
  yield '</tbody></table>';
}

/** The most severe active findings, in the order of their severity. */
export async function worstOf(findings: AsyncIterable<Finding>, most: number): Promise<Finding[]> {
  const bySeverity: Readonly<Record<Severity, Finding[]>> = { critical: [], high: [], medium: [], low: [] };
  for await (const finding of findings) {
    const list = bySeverity[finding.severity];
    if (needsAction(finding.state) && list.length < most) list.push(finding);
  }
  return severities.flatMap((severity) => bySeverity[severity]).slice(0, most);
}
