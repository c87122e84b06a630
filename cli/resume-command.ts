import { DEFAULT_OUT } from './default-out.ts';
import type { RunOptions } from './real-run.ts';
import { shellQuoted } from './shell-quoted.ts';

/**
 * The command that continues this run, without the run's ID. It repeats the options for the results folder, the
 * credentials and the rate. The scope of the run is in its results.
 */
export function resumeCommand(run: RunOptions): string {
  const { out, profile, region, roleArn, roleName, externalId, sourceIdentity, rateShare, maxRate } = run;
  const options = Object.entries({
    '--out': out === DEFAULT_OUT ? undefined : out,
    '--profile': profile,
    '--region': region,
    '--role-arn': roleArn,
    '--role-name': roleName,
    '--external-id': externalId,
    '--source-identity': sourceIdentity,
    '--rate-share': rateShare?.toString(),
    '--max-rate': maxRate?.toString(),
    '--unused-after-days': run.unusedAfterDays?.toString(),
    '--grace-days': run.graceDays?.toString(),
    '--refresh-every-days': run.refreshEveryDays?.toString(),
  });
  const words = options.flatMap(([name, value]) => (value === undefined ? [] : [name, shellQuoted(value)]));
  const tags = Object.entries(run.sessionTag).flatMap(([key, value]) => [
    '--session-tag',
    shellQuoted(`${key}=${value}`),
  ]);
  return ['npx iam-audit run', ...words, ...tags].join(' ');
}
