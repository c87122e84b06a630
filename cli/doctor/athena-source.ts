import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { SFNClient } from '@aws-sdk/client-sfn';
import { randomBytes } from 'node:crypto';
import { AthenaQueries } from '../../aws/athena-queries.ts';
import { DeploymentNotFound, findDeployment } from '../../aws/deployment.ts';
import { TransientRetry } from '../../aws/transient-retry.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';
import { DAY_MS } from '../../core/ports/clock.ts';
import { systemClock } from '../../local/system-clock.ts';
import { thresholdsInQueries } from '../../questions/doctor-queries.ts';
import { credentialsOf, regionOf } from '../aws-credentials.ts';
import { faultMessage } from '../error-messages.ts';
import type { DoctorProgress } from './doctor-progress.ts';
import type { DoctorOptions } from './doctor.ts';
import { closedPeriodOf } from './period.ts';
import { SourceUnreadable, type PreparedLogs } from './prepared-logs.ts';

/** Connection resets and server errors only: `AthenaQueries` repeats throttled calls itself. */
const MAX_ATTEMPTS = 4;

/**
 * The Athena queries of the deployed stack, by default over the last day.
 * @throws SourceUnreadable if no stack has them, or a changed threshold is part of them
 */
export async function prepareAthena(options: DoctorOptions, progress: DoctorProgress): Promise<PreparedLogs> {
  const inQueries = thresholdsInQueries();
  const fixed = Object.keys(options.threshold).filter((name) => inQueries.has(name));
  if (fixed.length > 0) {
    throw new SourceUnreadable(
      `The queries of the stack have fixed values for ${fixed.join(', ')}, so --threshold can't change ${fixed.length === 1 ? 'it' : 'them'} with --athena. Read the logs with --cloudtrail s3://… instead.`,
    );
  }
  const now = systemClock.now();
  const { from, to } = closedPeriodOf(options, now, DAY_MS);
  const region = options.region[0] ?? regionOf({});
  const configuration = { region, credentials: credentialsOf({ profile: options.profile, region }) };
  const workgroup = await workgroupOf(options, configuration);
  const queries = new AthenaQueries({
    client: new AthenaClient({ ...configuration, retryStrategy: new TransientRetry(MAX_ATTEMPTS) }),
    workgroup,
    period: { from: Math.floor(from / 1_000), to: Math.ceil(to / 1_000) },
    analysis: `doctor-${new Date(now).toISOString().replace(/\D/g, '').slice(0, 14)}-${randomBytes(4).toString('hex')}`,
    clock: systemClock,
    random: Math.random,
    onProgress: ({ query, state, scannedBytes, dollars }) => {
      progress.note(
        `Athena: ${query} ${state.toLowerCase()}; ${(scannedBytes / 1e9).toFixed(2)} GB read, about $${dollars.toFixed(4)}.`,
      );
    },
  });
  return {
    queries,
    source: {
      kind: 'athena',
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      events: null,
      leftOut: [],
      complete: true,
    },
    close: () => queries.stop(),
  };
}

async function workgroupOf(
  { stack }: DoctorOptions,
  configuration: { readonly region: string; readonly credentials: ReturnType<typeof credentialsOf> },
): Promise<string> {
  try {
    const { doctorWorkgroup } = await findDeployment(
      { sfn: new SFNClient(configuration), cloudFormation: new CloudFormationClient(configuration) },
      { stack },
    );
    if (doctorWorkgroup !== null) return doctorWorkgroup;
  } catch (error: unknown) {
    if (error instanceof AwsFault) {
      throw new SourceUnreadable(faultMessage(error, 'docs/deploy.md lists the permissions of an operator'), {
        cause: error,
      });
    }
    if (error instanceof DeploymentNotFound) throw new SourceUnreadable(error.message, { cause: error });
    throw error;
  }
  throw new SourceUnreadable(
    'The stack has no Athena queries. Set doctor.trailBucket (docs/settings.md) and deploy it again, or read the logs with --cloudtrail s3://….',
  );
}
