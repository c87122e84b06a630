import type { InventoryLine } from '../contract/account-objects.ts';
import type { LastAccessed, Permissions, PrincipalRecord, Problem, Status } from '../contract/evidence.ts';
import type { FailureCause } from '../contract/run.ts';
import { failedLastAccessed } from './last-accessed.ts';
import { failedPermissions } from './permissions.ts';
import type { FoundParts } from './worklist.ts';

/** AWS's error code for a deleted principal. */
const GONE = 'NoSuchEntity';

/**
 * The record of one principal from the parts that were found. A part that was not found is FAILED, with the reason.
 * @param missing why a part was not found
 * @param now milliseconds since the epoch
 */
export function recordOf(line: InventoryLine, found: FoundParts, missing: FailureCause, now: number): PrincipalRecord {
  const lastAccessed = found.lastAccessed ?? {
    part: failedLastAccessed(now),
    problems: [{ step: 'lastAccessed' as const, ...missing }],
  };
  const permissions = found.permissions ?? {
    part: failedPermissions(now, 0),
    problems: [{ step: 'permissions' as const, ...missing }],
  };
  const deleted = [...lastAccessed.problems, ...permissions.problems].find(({ code }) => code === GONE);
  return deleted === undefined
    ? assemble(line, lastAccessed.part, permissions.part, [...lastAccessed.problems, ...permissions.problems])
    : deletedRecord(line, deleted.message, now);
}

/** Whether the principal was deleted during the run. This alone does not change the status of its account. */
export const wasDeleted = ({ status, problems }: PrincipalRecord): boolean =>
  status === 'FAILED' && problems.some(({ step, code }) => code === GONE && step !== 'credentials');

function assemble(
  line: InventoryLine,
  lastAccessed: LastAccessed,
  permissions: Permissions,
  problems: readonly Problem[],
): PrincipalRecord {
  const { accountId, arn, type, name, path, principalId, createdAt, tags, managedBy, trust, lastUsedAt, credentials } =
    line;
  const all = [...line.problems, ...problems];
  return {
    accountId,
    arn,
    type,
    name,
    path,
    principalId,
    createdAt,
    tags,
    managedBy,
    trust,
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    status: statusOf(lastAccessed.status, permissions.status, line.problems.length > 0),
    problems: all,
    lastAccessed,
    permissions: { ...permissions, source: permissions.source ?? 'simulated' },
    credentials,
  };
}

function statusOf(lastAccessed: Status, permissions: Status, lacksCredentials: boolean): Status {
  if (lastAccessed === 'FAILED' && permissions === 'FAILED') return 'FAILED';
  return lastAccessed === 'COMPLETE' && permissions === 'COMPLETE' && !lacksCredentials ? 'COMPLETE' : 'PARTIAL';
}

/** Evidence that was found before a principal was deleted is dropped. */
function deletedRecord(line: InventoryLine, message: string, now: number): PrincipalRecord {
  return assemble(line, failedLastAccessed(now), failedPermissions(now, 0), [
    { step: 'lastAccessed', code: GONE, message },
    { step: 'permissions', code: GONE, message },
  ]);
}
