import type { StackStatus } from '@aws-sdk/client-cloudformation';

/** For each status: why a stack can't be used, and what to do. Null if it can be used. */
const unusableReasons: Readonly<Record<StackStatus, string | null>> = {
  CREATE_IN_PROGRESS: 'it is being created: wait until it is complete',
  CREATE_FAILED: 'its creation failed: delete the stack and deploy again',
  CREATE_COMPLETE: null,
  ROLLBACK_IN_PROGRESS: 'its creation failed and is being rolled back: deploy again after that',
  ROLLBACK_FAILED: 'its creation and the rollback failed: delete the stack and deploy again',
  ROLLBACK_COMPLETE: 'its creation failed and was rolled back: deploy again',
  REVIEW_IN_PROGRESS: 'its change set was not executed: execute the change set or deploy again',
  DELETE_IN_PROGRESS: 'it is being deleted',
  DELETE_FAILED: 'its deletion failed: delete the stack and deploy again',
  DELETE_COMPLETE: 'it was deleted',
  // During an update and its rollback the resources remain usable.
  UPDATE_IN_PROGRESS: null,
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: null,
  UPDATE_COMPLETE: null,
  UPDATE_FAILED: null,
  UPDATE_ROLLBACK_IN_PROGRESS: null,
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: null,
  UPDATE_ROLLBACK_COMPLETE: null,
  UPDATE_ROLLBACK_FAILED: null,
  IMPORT_IN_PROGRESS: null,
  IMPORT_COMPLETE: null,
  IMPORT_ROLLBACK_IN_PROGRESS: null,
  IMPORT_ROLLBACK_COMPLETE: null,
  IMPORT_ROLLBACK_FAILED: null,
};

/**
 * Why a stack with this status can't be used. Null if it can be used, and for a status that this version of the SDK does not
 * know: then the stack is used if it has the outputs of the audit.
 */
export const whyUnusable = (status: StackStatus | undefined): string | null =>
  status === undefined ? null : (unusableReasons[status] ?? null);
