import type { CallTimeline } from '../contract/calls/timeline.ts';
import { addTimelines } from '../ports/calls/call-timeline.ts';
import type { CallLedger } from '../ports/calls/call-ledger.ts';
import type { PaceKeeper } from './pace-keeper.ts';

/** The calls of a session and their waits over time, as the field of an object. The field is missing without calls. */
export function timelineField(calls: CallLedger, pace: PaceKeeper): { readonly timeline?: CallTimeline } {
  const timeline = addTimelines([calls.timeline() ?? [], pace.timeline() ?? []].flat());
  return timeline === null ? {} : { timeline };
}
