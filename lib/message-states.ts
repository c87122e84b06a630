import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  Choice,
  Condition,
  CustomState,
  Map,
  Pass,
  ProvideItems,
  TaskInput,
  type IChainable,
} from 'aws-cdk-lib/aws-stepfunctions';
import { SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { publishRetry } from './workflow-retries.ts';

/** Names of the states that are entered if something was not delivered. A metric filter counts names with this ending. */
export const undeliveredStates = {
  findings: 'FindingsNotDelivered',
  events: 'EventsNotDelivered',
  message: 'MessageNotDelivered',
} as const;

/** Variables that the states read. `addition`: what earlier states add to the message. `undelivered`: the errors so far. */
export const messageVariables = { addition: "{% '' %}", undelivered: [] };

export interface MessageStatesProps {
  readonly topic: ITopic;
  /** The state after the messages. */
  readonly next: IChainable;
}

/**
 * Publishes the events about a run and its message. The variable `summary` is the output of SummariseRun. The run has ended and
 * its results are stored, so an error here does not change its status: it is in the output of the execution and in the message.
 */
export function messageStates(scope: Construct, { topic, next }: MessageStatesProps): Map {
  const messageNotDelivered = Pass.jsonata(scope, undeliveredStates.message, {
    comment: 'The log of this state raises the alarm "message not delivered".',
  });
  const notify = SnsPublish.jsonata(scope, 'Notify', {
    topic,
    subject: '{% $summary.notification.subject %}',
    message: TaskInput.fromText('{% $summary.notification.message & $addition %}'),
    outputs: {},
  });
  notify.addRetry(publishRetry);
  notify.addCatch(messageNotDelivered, {
    errors: ['States.ALL'],
    outputs: {},
    assign: {
      undelivered:
        "{% $append($undelivered, [{'code': $states.errorOutput.Error, 'message': $substring($string($states.errorOutput.Cause), 0, 200)}]) %}",
    },
  });
  const anythingToTell = Choice.jsonata(scope, 'AnythingToTell')
    .when(Condition.jsonata('{% $summary.notification != null %}'), notify)
    .otherwise(next);

  const publishEvents = Map.jsonata(scope, 'PublishEvents', {
    items: ProvideItems.jsonata('{% [$summary.events] %}'),
    maxConcurrency: 1,
    assign: {
      undelivered: '{% [$undelivered, $states.result[$exists(code)]] %}',
      addition:
        "{% $addition & ($exists($states.result.code) ? '\\n\\nThe events about this run could not be published: ' & ($states.result.code)[0] : '') %}",
    },
    outputs: {},
  });
  publishEvents.itemProcessor(eventStates(scope));
  publishEvents.next(anythingToTell);
  notify.next(next);
  messageNotDelivered.next(next);
  return publishEvents;
}

/** Publishes one batch of events to the account's default event bus. CDK's own state takes no list that is an expression. */
function eventStates(scope: Construct): IChainable {
  const eventsNotDelivered = Pass.jsonata(scope, undeliveredStates.events, {
    comment: 'The log of this state raises the alarm "message not delivered".',
    // A CustomState has no output of its own for a caught error, so this is the error itself.
    outputs: {
      code: '{% $states.input.Error %}',
      message: '{% $substring($string($states.input.Cause), 0, 200) %}',
    },
  });
  const putEvents = new CustomState(scope, 'PutEvents', {
    stateJson: {
      Type: 'Task',
      QueryLanguage: 'JSONata',
      Resource: Stack.of(scope).formatArn({
        service: 'states',
        region: '',
        account: '',
        resource: 'events',
        resourceName: 'putEvents',
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      Arguments: { Entries: '{% $states.input.Entries %}' },
      Output: {},
    },
  });
  putEvents.addRetry(publishRetry);
  putEvents.addCatch(eventsNotDelivered, { errors: ['States.ALL'] });
  return putEvents;
}
