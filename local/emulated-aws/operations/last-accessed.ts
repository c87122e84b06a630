import { randomUUID } from 'node:crypto';
import type { EmulatedRole, EmulatedUser } from '../account.ts';
import { servicesGranted, trackedActions } from '../evaluation/granted-services.ts';
import { lognormal } from '../latency.ts';
import { ServiceError } from '../service-error.ts';
import type { XmlValue } from '../xml.ts';
import { iso, oneOf, page, parameter, TRACKED_MS, type Operation, type OperationContext } from './operation.ts';

const findPrincipal = ({ account }: OperationContext, arn: string): EmulatedUser | EmulatedRole => {
  const name = arn.split('/').at(-1) ?? '';
  const principal = arn.includes(':role/') ? account.roles.get(name) : account.users.get(name);
  if (principal?.arn === arn) return principal;
  throw new ServiceError(404, 'NoSuchEntity', `ARN ${arn} cannot be found.`);
};

export const generateServiceLastAccessedDetails: Operation = (context) => {
  const arn = parameter(context, 'Arn');
  if (!/^arn:[^:]+:iam::\d{12}:(user|role)\/.+$/.test(arn)) {
    throw new ServiceError(400, 'InvalidInput', `Invalid ARN: ${arn}`);
  }
  const granularity = oneOf(context, 'Granularity', ['SERVICE_LEVEL', 'ACTION_LEVEL']);
  findPrincipal(context, arn);
  const jobId = randomUUID();
  const now = context.clock.now();
  const { reportMs } = context.behaviour;
  context.reports.set(jobId, {
    arn,
    granularity,
    accessKeyId: context.session.accessKeyId,
    askedAt: now,
    readyAt: now + (typeof reportMs === 'number' ? reportMs : lognormal(context.random, reportMs)),
    fails: context.random() < context.behaviour.failedReports,
  });
  return { JobId: jobId };
};

export const getServiceLastAccessedDetails: Operation = (context) => {
  const jobId = parameter(context, 'JobId');
  const job = context.reports.get(jobId);
  // Only the credentials that requested the report can read it (API reference: the same user, or the same role
  // session).
  if (job === undefined || job.accessKeyId !== context.session.accessKeyId) {
    throw new ServiceError(404, 'NoSuchEntity', `Job ${jobId} cannot be found.`);
  }
  const created = { JobCreationDate: iso(job.askedAt), JobType: job.granularity };
  // A required list is empty. The date of completion is required by the model too, and null until then by the reference.
  const nothing = { ServicesLastAccessed: [], IsTruncated: false };
  if (context.clock.now() < job.readyAt) return { JobStatus: 'IN_PROGRESS', ...created, ...nothing };
  const finished = { ...created, JobCompletionDate: iso(job.readyAt) };
  if (job.fails) {
    return {
      JobStatus: 'FAILED',
      ...finished,
      Error: { Code: 'INTERNAL_ERROR', Message: 'An internal error occurred.' },
      ...nothing,
    };
  }
  const principal = findPrincipal(context, job.arn);
  const { items, rest } = page(context, servicesGranted(context.account, job.arn));
  const trackedSince = job.askedAt - TRACKED_MS;
  const services = items.map(({ namespace, name }): XmlValue => {
    const reported = principal.activity.get(namespace);
    const activity = reported !== undefined && reported.lastAuthenticated > trackedSince ? reported : undefined;
    const tracked = job.granularity === 'ACTION_LEVEL' ? trackedActions(namespace) : [];
    return {
      ServiceName: name,
      ServiceNamespace: namespace,
      TotalAuthenticatedEntities: activity === undefined ? 0 : 1,
      ...(activity === undefined
        ? {}
        : {
            LastAuthenticated: iso(activity.lastAuthenticated),
            LastAuthenticatedEntity: principal.arn,
            LastAuthenticatedRegion: activity.region,
          }),
      ...(tracked.length === 0
        ? {}
        : {
            TrackedActionsLastAccessed: tracked.map((action) => {
              const at = activity?.actions.get(action);
              return {
                ActionName: action,
                ...(at === undefined || at <= trackedSince
                  ? {}
                  : {
                      LastAccessedTime: iso(at),
                      LastAccessedEntity: principal.arn,
                      LastAccessedRegion: activity?.region,
                    }),
              };
            }),
          }),
    };
  });
  return { JobStatus: 'COMPLETED', ...finished, ServicesLastAccessed: services, ...rest };
};
