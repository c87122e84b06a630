import type { StackStatus } from '@aws-sdk/client-cloudformation';

/** Why a stack in this state holds no audit that can be used; null where it does. */
const unusable: Readonly<Record<StackStatus, string | null>> = {
  CREATE_IN_PROGRESS: 'it is being created: wait until it is complete',
  CREATE_FAILED: 'its creation failed: delete it and deploy again',
  CREATE_COMPLETE: null,
  ROLLBACK_IN_PROGRESS: 'its creation failed and is being rolled back: deploy again afterwards',
  ROLLBACK_FAILED: 'its creation failed, and so did the rollback: delete it and deploy again',
  ROLLBACK_COMPLETE: 'its creation failed and was rolled back: deploy again',
  REVIEW_IN_PROGRESS: 'it has a change set that was not executed: execute it or deploy again',
  DELETE_IN_PROGRESS: 'it is being deleted',
  DELETE_FAILED: 'it was deleted in part: delete it and deploy again',
  DELETE_COMPLETE: 'it was deleted',
  // An update changes what is there, or puts it back: the audit stays.
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

/** A state that this version of the SDK does not know is taken to be usable: the outputs decide. */
export const whyUnusable = (status: StackStatus | undefined): string | null =>
  status === undefined ? null : (unusable[status] ?? null);
