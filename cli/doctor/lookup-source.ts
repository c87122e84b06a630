import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { SdkEventLookup } from '../../aws/cloudtrail-lookup.ts';
import type { LeftOut } from '../../core/contract/doctor/diagnosis.ts';
import { HISTORY_MS, IAM_REGION, readEventHistory } from '../../core/doctor/lookup/read-event-history.ts';
import { systemClock } from '../../local/system-clock.ts';
import { credentialsOf, regionOf } from '../aws-credentials.ts';
import { faultMessage } from '../error-messages.ts';
import { closedPeriodOf } from './period.ts';
import { SourceUnreadable } from './prepared-logs.ts';
import type { DoctorOptions } from './doctor.ts';
import type { DoctorProgress } from './doctor-progress.ts';

export interface Lookup {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly leftOut: readonly LeftOut[];
}

const HOUR_MS = 3_600_000;
/** Five minutes of reading in one Region. */
const DEFAULT_MAX_EVENTS = 30_000;
const PERMISSION = 'doctor --lookup needs cloudtrail:LookupEvents';

/**
 * Writes the calls to IAM and STS of CloudTrail's event history to a file of one record a line. Without `--since`, the
 * last hour; IAM is in us-east-1, STS in the Regions asked for.
 * @throws SourceUnreadable if no Region can be read, or the period is older than the event history
 */
export async function downloadEventHistory(
  options: DoctorOptions,
  folder: string,
  progress: DoctorProgress,
): Promise<Lookup> {
  const now = systemClock.now();
  const { from, to } = closedPeriodOf(options, now, HOUR_MS);
  if (to < now - HISTORY_MS) {
    throw new SourceUnreadable(
      "CloudTrail's event history has only the last 90 days. Read the log files of a trail with --cloudtrail s3://… instead.",
    );
  }
  const credentials = credentialsOf({ profile: options.profile, region: options.region[0] });
  const asked = options.region.length === 0 ? [regionOf({})] : options.region;
  const regions = [...new Set([IAM_REGION, ...asked])];
  await mkdir(folder, { recursive: true });
  const file = createWriteStream(join(folder, 'event-history.ndjson'), { mode: 0o600 });
  const reading = readEventHistory({
    lookups: regions.map((region) => new SdkEventLookup(region, { credentials })),
    from,
    to,
    maxEvents: options.maxEvents ?? DEFAULT_MAX_EVENTS,
    clock: systemClock,
    random: Math.random,
    onRecord: (json) => {
      file.write(`${json.replaceAll('\n', ' ')}\n`);
    },
    onProgress: (events, reached) => {
      progress.reading(events, reached);
    },
  });
  // An error of the file, such as a full disk, ends the reading at once.
  const [{ leftOut, faults }] = await Promise.all([reading.finally(() => file.end()), finished(file)]);
  const [first] = faults;
  if (first !== undefined && new Set(faults.map(({ region }) => region)).size === regions.length) {
    throw new SourceUnreadable(faultMessage(first.fault, PERMISSION));
  }
  return { from, to, leftOut };
}
