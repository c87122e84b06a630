import type { DoctorOptions } from './doctor.ts';

export const isS3 = (where: string): boolean => where.startsWith('s3://');

/** Options that the chosen source of logs does not use, as a message: ignored, they would suggest another answer. Null if none is. */
export function sourceProblem(options: DoctorOptions): string | null {
  const { athena, cloudtrail, maxEvents, profile, region, stack } = options;
  const source = athena
    ? '--athena'
    : cloudtrail === undefined
      ? '--lookup, the default'
      : `--cloudtrail ${cloudtrail}`;
  if (stack !== undefined && !athena) {
    return `--stack names the stack whose queries --athena runs. It can't be used with ${source}: leave it out, or use --athena.`;
  }
  if (maxEvents !== undefined && (athena || cloudtrail !== undefined)) {
    return `--max-events limits what --lookup reads. It can't be used with ${source}: leave it out, or shorten the period with --since and --until.`;
  }
  if (athena && region.length > 1) {
    return '--region names the one Region of the stack with --athena. Name one Region, or read the logs with --cloudtrail.';
  }
  if (cloudtrail === undefined) return null;
  if (isS3(cloudtrail)) {
    return region.length > 1
      ? '--region names the one Region of the bucket with --cloudtrail s3://…. Name one Region: the logs of all Regions under the address are read.'
      : null;
  }
  if (region.length > 0) {
    return `--region does not select logs of a folder: all Regions in ${cloudtrail} are examined. Leave it out, or name the folder of one Region.`;
  }
  return profile === undefined
    ? null
    : `--profile is not used for files in a folder: reading ${cloudtrail} needs no AWS credentials. Leave it out.`;
}
