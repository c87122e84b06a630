import type { CallerIdentity } from '../../../local/emulated-aws/cloudtrail/recorded-call.ts';
import { userAgents, type UserAgentName } from '../../../local/emulated-aws/cloudtrail/user-agents.ts';
import * as retries from './retries.ts';

/** What a program uses to call AWS. */
export interface Sdk {
  readonly userAgent: UserAgentName;
  readonly retries: () => retries.Retries;
  /** Milliseconds before the end of a session at which its credential cache renews it. */
  readonly renewsBeforeMs: number;
}

const JAVASCRIPT_MS = 300_000;
const BOTOCORE_MS = 900_000;
/** AWS SDKs for Java and Go renew about a minute before the end, or a little earlier. */
const SHORT_MS = 60_000;

export const sdks = {
  jsStandard: { userAgent: 'jsStandard', retries: retries.javascriptStandard, renewsBeforeMs: JAVASCRIPT_MS },
  jsOld: { userAgent: 'jsOld', retries: retries.javascriptOld, renewsBeforeMs: JAVASCRIPT_MS },
  botocoreLegacy: { userAgent: 'botocoreLegacy', retries: retries.botocoreLegacy, renewsBeforeMs: BOTOCORE_MS },
  botocoreStandard: { userAgent: 'botocoreStandard', retries: retries.botocoreStandard, renewsBeforeMs: BOTOCORE_MS },
  botocoreAdaptive: { userAgent: 'botocoreAdaptive', retries: retries.botocoreAdaptive, renewsBeforeMs: BOTOCORE_MS },
  botocoreOld: { userAgent: 'botocoreOld', retries: retries.botocoreLegacy, renewsBeforeMs: BOTOCORE_MS },
  javaV2: { userAgent: 'javaV2', retries: retries.javaLegacy, renewsBeforeMs: SHORT_MS },
  goV2: { userAgent: 'goV2', retries: retries.goStandard, renewsBeforeMs: SHORT_MS },
  cli: { userAgent: 'cli', retries: retries.botocoreStandard, renewsBeforeMs: BOTOCORE_MS },
  terraform: { userAgent: 'terraform', retries: retries.terraformRetries, renewsBeforeMs: SHORT_MS },
  terraformV5: { userAgent: 'terraformV5', retries: retries.terraformRetries, renewsBeforeMs: SHORT_MS },
  cloudFormation: { userAgent: 'cloudFormation', retries: retries.javaLegacy, renewsBeforeMs: SHORT_MS },
  console: { userAgent: 'console', retries: retries.noRetries, renewsBeforeMs: SHORT_MS },
  github: { userAgent: 'github', retries: retries.javascriptStandard, renewsBeforeMs: JAVASCRIPT_MS },
  scanner: { userAgent: 'scanner', retries: retries.botocoreStandard, renewsBeforeMs: BOTOCORE_MS },
  javascriptV2: { userAgent: 'javascriptV2', retries: retries.javascriptV2, renewsBeforeMs: SHORT_MS },
  php: { userAgent: 'php', retries: retries.phpLegacy, renewsBeforeMs: SHORT_MS },
  careful: { userAgent: 'handmade', retries: retries.carefulHandmade, renewsBeforeMs: SHORT_MS },
  loop100ms: { userAgent: 'handmade', retries: retries.loopOf100ms, renewsBeforeMs: SHORT_MS },
  immediate: { userAgent: 'handmade', retries: retries.immediateLoop, renewsBeforeMs: SHORT_MS },
  fixedSecond: { userAgent: 'handmade', retries: retries.fixedSecond, renewsBeforeMs: SHORT_MS },
  fixedTwoSeconds: { userAgent: 'handmade', retries: retries.fixedTwoSeconds, renewsBeforeMs: SHORT_MS },
  noRetries: { userAgent: 'handmade', retries: retries.noRetries, renewsBeforeMs: SHORT_MS },
} as const satisfies Readonly<Record<string, Sdk>>;

export type SdkName = keyof typeof sdks;

/** A process's way to call AWS. */
export interface Client {
  readonly caller: CallerIdentity;
  readonly userAgent: string;
  readonly ip: string;
  readonly retries: retries.Retries;
  readonly renewsBeforeMs: number;
  readonly region: string;
  readonly endpoint: 'regional' | 'global';
  /** Host name of STS, if it is not the usual one of the endpoint. */
  readonly hostHeader?: string;
  /** The service that calls on behalf of the caller. */
  readonly invokedBy?: string;
  /** 5th and 95th percentile, in milliseconds. */
  readonly latencyMs: readonly [number, number];
}

export interface ClientOptions {
  readonly caller: CallerIdentity;
  readonly sdk: SdkName;
  readonly ip: string;
  readonly region?: string;
  readonly endpoint?: 'regional' | 'global';
  readonly hostHeader?: string;
  readonly invokedBy?: string;
  readonly latencyMs?: readonly [number, number];
}

export function clientOf({
  sdk,
  region = 'eu-west-1',
  endpoint = 'regional',
  latencyMs = [25, 160],
  ...rest
}: ClientOptions): Client {
  const { userAgent, retries: create, renewsBeforeMs }: Sdk = sdks[sdk];
  return { ...rest, userAgent: userAgents[userAgent], retries: create(), renewsBeforeMs, region, endpoint, latencyMs };
}
