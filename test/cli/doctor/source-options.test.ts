import type { DoctorOptions } from '../../../cli/doctor/doctor.ts';
import { isS3, sourceProblem } from '../../../cli/doctor/source-options.ts';

const problem = (options: Partial<DoctorOptions>): string | null =>
  sourceProblem({ athena: false, region: [], ...options } as DoctorOptions);

test.each<[string, Partial<DoctorOptions>]>([
  ['no option', {}],
  ['several Regions of the event history', { region: ['eu-west-1', 'us-east-1'] }],
  ['a number of events of the event history', { maxEvents: 10 }],
  ['a stack and its Region with Athena', { athena: true, stack: 'IamAudit', region: ['eu-west-1'] }],
  ['Athena alone', { athena: true }],
  ['a folder', { cloudtrail: 'logs' }],
  ['a bucket with its Region and a profile', { cloudtrail: 's3://trail', region: ['eu-west-1'], profile: 'p' }],
])('%s: nothing is ignored', (_what, options) => {
  expect(problem(options)).toBeNull();
});

test.each<[string, Partial<DoctorOptions>, RegExp]>([
  ['a stack without Athena', { stack: 'IamAudit' }, /^--stack .* can't be used with --lookup, the default:/],
  ['a stack and a folder', { stack: 'IamAudit', cloudtrail: 'logs' }, /^--stack .* with --cloudtrail logs:/],
  ['a number of events with Athena', { athena: true, maxEvents: 10 }, /^--max-events .* with --athena:/],
  ['a number of events of a folder', { cloudtrail: 'logs', maxEvents: 10 }, /^--max-events .* --cloudtrail logs:/],
  ['two Regions with Athena', { athena: true, region: ['a', 'b'] }, /^--region .* with --athena\./],
  ['two Regions of a bucket', { cloudtrail: 's3://trail', region: ['a', 'b'] }, /^--region .* of the bucket/],
  ['a Region of a folder', { cloudtrail: 'logs', region: ['a'] }, /^--region does not select logs of a folder/],
  ['a profile for a folder', { cloudtrail: 'logs', profile: 'p' }, /^--profile is not used for files in a folder/],
])('%s is refused, because it would be ignored', (_what, options, message) => {
  expect(problem(options)).toMatch(message);
});

test('an address of S3 is not a folder', () => {
  expect([isS3('s3://trail/logs'), isS3('trail/s3://logs'), isS3('logs')]).toEqual([true, false, false]);
});
