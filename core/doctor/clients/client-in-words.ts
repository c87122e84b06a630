import type { Client } from '../../contract/doctor/diagnosis.ts';

const UNKNOWN = 'unknown';

/** `AWS SDK for Go v2 (retry mode standard)`. A user agent may name no SDK, or not show the retry mode. */
export function clientInWords({ sdk, retryMode }: Pick<Client, 'sdk' | 'retryMode'>): string {
  const program = sdk === UNKNOWN ? 'a program that names no AWS SDK' : sdk;
  return retryMode === UNKNOWN ? program : `${program} (retry mode ${retryMode})`;
}
