import * as v from 'valibot';
import { readAnswer, runQuery, type QueryTarget } from './athena-task.ts';
import { StateFault, taskFault } from './faults.ts';
import { parseField } from './parse-field.ts';

/** The services that tasks call. */
export interface TaskTargets {
  /** Invokes a Lambda function. An error that it throws is the function's error. */
  readonly invoke: (functionArn: string, payload: unknown) => Promise<unknown>;
  /** Publishes a message to an Amazon SNS topic. */
  readonly publish: (message: PublishedMessage) => Promise<void>;
  /** Puts events on the default event bus of Amazon EventBridge. */
  readonly putEvents: (entries: readonly PublishedEvent[]) => Promise<void>;
  /** Runs queries of Amazon Athena. Without it, a definition's queries fail. */
  readonly queries?: QueryTarget;
}

const LambdaArguments = v.strictObject({ FunctionName: v.string(), Payload: v.unknown() });

/** Amazon SNS, API reference, Publish: a subject has at most 100 ASCII characters and no line break. */
const SnsArguments = v.strictObject({
  TopicArn: v.string(),
  Subject: v.pipe(v.string(), v.regex(/^[\x20-\x7e]{1,100}$/, 'must have 1 to 100 printable ASCII characters')),
  Message: v.pipe(v.string(), v.minLength(1)),
});
export type PublishedMessage = v.InferOutput<typeof SnsArguments>;

const EVENT_ID = '11111111-1111-4111-8111-111111111111';
/** Amazon EventBridge, API reference, PutEvents: at most 10 entries, and 256 KB of all entries together. */
const MAX_EVENT_BYTES = 256 * 1024;

/** Events of a source that begins with "aws." are refused. Step Functions writes the detail as JSON text. */
const EventsArguments = v.strictObject({
  Entries: v.pipe(
    v.array(
      v.strictObject({
        Source: v.pipe(
          v.string(),
          v.minLength(1),
          v.maxLength(256),
          v.regex(/^(?!aws\.)/, 'must not begin with "aws."'),
        ),
        DetailType: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
        Detail: v.record(v.string(), v.unknown()),
      }),
    ),
    v.minLength(1, 'must have 1 to 10 entries'),
    v.maxLength(10, 'must have 1 to 10 entries'),
    v.check((entries) => Buffer.byteLength(JSON.stringify(entries)) <= MAX_EVENT_BYTES, 'must have at most 256 KB'),
  ),
});
export type PublishedEvent = v.InferOutput<typeof EventsArguments>['Entries'][number];

/**
 * The service of a Task's resource, or null. A Task with an unimplemented service is refused when the definition is
 * loaded.
 */
export const taskService = (resource: string): TaskService | null => {
  const [, action = ''] = /^arn:[^:]+:states:::(.*)$/.exec(resource) ?? [];
  return services[action] ?? null;
};

type TaskService = 'lambda' | 'sns' | 'events' | 'athena query' | 'athena answer';

const services: Readonly<Record<string, TaskService>> = {
  'lambda:invoke': 'lambda',
  'sns:publish': 'sns',
  'events:putEvents': 'events',
  'athena:startQueryExecution.sync': 'athena query',
  'athena:getQueryResults': 'athena answer',
};

function queriesOf({ queries }: TaskTargets): QueryTarget {
  if (queries === undefined) throw new StateFault('States.Runtime', 'There is nothing that runs queries.');
  return queries;
}

/** Calls a Task's service. @returns the fields of the integration's answer that definitions use @throws StateFault */
export async function runTask(resource: string, parameters: unknown, targets: TaskTargets): Promise<unknown> {
  try {
    switch (taskService(resource)) {
      case 'lambda': {
        const { FunctionName, Payload } = parseField(LambdaArguments, parameters, 'Arguments');
        return lambdaResult(await targets.invoke(FunctionName, throughJson(Payload)));
      }
      case 'sns':
        await targets.publish(parseField(SnsArguments, parameters, 'Arguments'));
        return { MessageId: '00000000-0000-4000-8000-000000000000' };
      case 'events': {
        const { Entries } = parseField(EventsArguments, parameters, 'Arguments');
        await targets.putEvents(Entries);
        return { FailedEntryCount: 0, Entries: Entries.map(() => ({ EventId: EVENT_ID })) };
      }
      case 'athena query':
        return await runQuery(parameters, queriesOf(targets));
      case 'athena answer':
        return throughJson(readAnswer(parameters, queriesOf(targets)));
      case null:
        throw new StateFault('States.Runtime', `The resource ${resource} is not implemented.`);
    }
  } catch (error: unknown) {
    throw taskFault(error);
  }
}

const lambdaResult = (payload: unknown): unknown => ({
  ExecutedVersion: '$LATEST',
  Payload: throughJson(payload),
  StatusCode: 200,
});

/** Lambda's input and output are JSON. Values that JSON cannot represent are lost. */
const throughJson = (value: unknown): unknown => {
  const plain: unknown = value === undefined ? null : JSON.parse(JSON.stringify(value));
  return plain;
};
