import {
  Choice,
  Condition,
  Map,
  Pass,
  ProvideItems,
  Wait,
  WaitTime,
  type IChainable,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { failureCause, type FunctionTask } from './function-tasks.ts';

/** The account and the run of a child execution. */
const auditedAccount = { runId: '{% $states.input.runId %}', accountId: '{% $states.input.accountId %}' };

/**
 * The states of one account, which run in a child execution. Variables of the run are not visible there, so the input
 * carries them. The states must not assign variables of the same names (Step Functions Developer Guide, "Variable scope").
 */
export function accountStates(scope: Construct, task: FunctionTask): IChainable {
  const summariseAccount = task('SummariseAccount', 'summarise-account', {
    payload: {
      runId: '{% $account.runId %}',
      accountId: '{% $account.accountId %}',
      inventory: '{% $inventory %}',
      results: '{% [$batchResults] %}',
      error: '{% $accountError %}',
    },
    // The outputs of 10,000 accounts together must fit the 256 KiB of the parent's payload.
    outputs: '{% $account.accountId %}',
  });

  // A timestamp in the past does not wait: an account may start later than planned.
  const waitForTurn = Wait.jsonata(scope, 'WaitForTurn', {
    time: WaitTime.timestamp('{% $states.input.startAt %}'),
  });
  const inventoryAccount = task('InventoryAccount', 'inventory-account', {
    payload: {
      runId: '{% $states.input.runId %}',
      accountId: '{% $states.input.accountId %}',
      resumeFrom: '{% $states.input.resumeFrom %}',
      startAt: '{% $states.input.startAt %}',
      request: '{% $states.input.request %}',
    },
    assign: {
      account: auditedAccount,
      inventory: '{% $states.result.Payload %}',
      batchResults: [],
      accountError: null,
    },
  });
  inventoryAccount.addCatch(summariseAccount, {
    errors: ['States.ALL'],
    assign: {
      account: auditedAccount,
      inventory: null,
      batchResults: [],
      accountError: failureCause,
    },
  });

  const batches = Map.jsonata(scope, 'Batches', {
    items: ProvideItems.jsonata('{% [$inventory.batches] %}'),
    itemSelector: { batch: '{% $states.context.Map.Item.Value %}' },
    maxConcurrency: 1,
    assign: { batchResults: '{% [$states.result] %}' },
    outputs: {},
  });
  batches.itemProcessor(batchStates(scope, task));
  batches.addCatch(summariseAccount, { errors: ['States.ALL'], outputs: {}, assign: { accountError: failureCause } });

  return waitForTurn.next(inventoryAccount).next(batches).next(summariseAccount);
}

/** The states of one batch. The batch starts at its slot. AuditBatch is repeated until the batch is finished. */
function batchStates(scope: Construct, task: FunctionTask): IChainable {
  const batchFinished = Pass.jsonata(scope, 'BatchFinished', {
    outputs: { n: '{% $outcome.n %}', attempts: '{% $outcome.attempts %}' },
  });
  const batchFailed = Pass.jsonata(scope, 'BatchFailed', {
    outputs: { n: '{% $states.input.batch.n %}', attempts: '{% $attempt %}', error: '{% $batchError %}' },
  });

  const waitForSlot = Wait.jsonata(scope, 'WaitForSlot', {
    time: WaitTime.timestamp('{% $states.input.batch.slotAt %}'),
    assign: { attempt: 1, stalled: 0 },
  });
  const auditBatch = task('AuditBatch', 'audit-batch', {
    payload: {
      runId: '{% $account.runId %}',
      accountId: '{% $account.accountId %}',
      batch: '{% $states.input.batch %}',
      attempt: '{% $attempt %}',
      stalled: '{% $stalled %}',
    },
    assign: { outcome: '{% $states.result.Payload %}' },
    outputs: '{% $states.input %}',
  });
  auditBatch.addCatch(batchFailed, {
    errors: ['States.ALL'],
    outputs: '{% $states.input %}',
    assign: { batchError: failureCause },
  });
  const coolDown = Wait.jsonata(scope, 'CoolDown', {
    time: WaitTime.timestamp('{% $outcome.resumeAt %}'),
    assign: { attempt: '{% $outcome.attempt %}', stalled: '{% $outcome.stalled %}' },
  });
  const unfinished = Choice.jsonata(scope, 'Unfinished')
    .when(Condition.jsonata("{% $outcome.status = 'UNFINISHED' %}"), coolDown)
    .otherwise(batchFinished);

  const chain = waitForSlot.next(auditBatch).next(unfinished);
  coolDown.next(auditBatch);
  return chain;
}
