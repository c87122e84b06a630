import type { Diagnosis, DoctorSource } from '../../contract/doctor/diagnosis.ts';
import { counted, countedPlural, percent, whole } from '../questions/numbers.ts';
import { markup, type Markup } from './markup.ts';
import { length, periodOf, secondsOf } from './times.ts';

const kinds: Readonly<Record<DoctorSource['kind'], string>> = {
  lookup: "CloudTrail's event history (LookupEvents)",
  cloudtrail: 'Log files of CloudTrail',
  athena: 'Log files of CloudTrail, queried by Athena',
};

/** What was read, and what was not. */
export function sourceSection({ source, refused }: Diagnosis): Markup {
  const { kind, from, to, events, audited, leftOut, complete } = source;
  const seconds = (secondsOf(to) ?? 0) - (secondsOf(from) ?? 0);
  const rows: [string, Markup][] = [
    ['Source', markup`${kinds[kind]}`],
    ['Period', markup`${periodOf(from, to)}${seconds > 0 ? ` (${length(seconds)})` : ''}`],
    ['Events read', markup`${whole(events)}`],
    ['Calls to IAM and STS', markup`${whole(audited)}`],
    ['Throttled calls', markup`${whole(refused.calls)} (${percent(refused.share)})`],
    [
      'Complete',
      complete
        ? markup`<span class="s COMPLETE">Yes</span>: all calls that CloudTrail recorded`
        : markup`<span class="s PARTIAL">No</span>: some logs of the period are missing, so callers may be missing too`,
    ],
    [
      'Left out',
      leftOut.length === 0
        ? markup`Nothing`
        : markup`<ul>
            ${leftOut.map(({ what, reason, count }) => markup`<li class="a">${countedPlural(count, what)}: ${reason}</li>`)}
          </ul>`,
    ],
  ];
  return markup`<h2 id="source">What was examined</h2>
    <dl class="so">
      ${rows.map(
        ([name, value]) =>
          markup`<div>
            <dt>${name}</dt>
            <dd class="a">${value}</dd>
          </div>`,
      )}
    </dl>`;
}

/** One line for the top of the page. */
export const sourceInBrief = ({ source }: Diagnosis): string =>
  `${counted(source.audited, 'call')} to IAM and STS, ${periodOf(source.from, source.to)}. ${kinds[source.kind]}${source.complete ? '' : ', incomplete'}.`;
