import type { InventoryLine } from '../contract/account-objects.ts';
import type { LastAccessed, Permissions, PrincipalRecord, Problem, Status } from '../contract/evidence.ts';
import type { FailureCause } from '../contract/run.ts';
import { failedLastAccessed } from './last-accessed.ts';
import { failedPermissions } from './permissions.ts';
import type { FoundParts } from './worklist.ts';

/** AWS's code for a principal that is gone. */
const GONE = 'NoSuchEntity';

/**
 * One record of one principal, from what was found. A part that nobody found is FAILED, with the reason why.
 * @param missing what ended the search for parts that were not found
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
  const gone = [...lastAccessed.problems, ...permissions.problems].find(({ code }) => code === GONE);
  return gone === undefined
    ? assemble(line, lastAccessed.part, permissions.part, [...lastAccessed.problems, ...permissions.problems])
    : deletedRecord(line, gone.message, now);
}

/** Whether the principal was deleted during the run, which by itself lowers no account. */
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
    permissions,
    credentials,
  };
}

function statusOf(lastAccessed: Status, permissions: Status, lacksCredentials: boolean): Status {
  if (lastAccessed === 'FAILED' && permissions === 'FAILED') return 'FAILED';
  return lastAccessed === 'COMPLETE' && permissions === 'COMPLETE' && !lacksCredentials ? 'COMPLETE' : 'PARTIAL';
}

/** What was found of a principal before it was deleted describes nobody any more. */
function deletedRecord(line: InventoryLine, message: string, now: number): PrincipalRecord {
  return assemble(line, failedLastAccessed(now), failedPermissions(now, 0), [
    { step: 'lastAccessed', code: GONE, message },
    { step: 'permissions', code: GONE, message },
  ]);
}
