import * as v from 'valibot';

/**
 * The part of Amazon States Language that the workflow uses. Schemas are strict: a field that is not here is not
 * implemented, and a definition that has it is refused instead of run without it.
 */

const Text = v.string();
const Names = v.array(Text);
const Bindings = v.record(Text, v.unknown());

const Bookkeeping = { Comment: v.optional(Text), QueryLanguage: v.optional(v.literal('JSONata')) };
const Results = { Assign: v.optional(Bindings), Output: v.optional(v.unknown()) };
const Following = { Next: v.optional(Text), End: v.optional(v.literal(true)) };

export const Retrier = v.strictObject({
  ErrorEquals: Names,
  IntervalSeconds: v.optional(v.number(), 1),
  MaxAttempts: v.optional(v.number(), 3),
  BackoffRate: v.optional(v.number(), 2),
  MaxDelaySeconds: v.optional(v.number()),
  JitterStrategy: v.optional(v.picklist(['FULL', 'NONE']), 'NONE'),
});
export type Retrier = v.InferOutput<typeof Retrier>;

const Catcher = v.strictObject({ ErrorEquals: Names, Next: Text, ...Results });
const Faults = { Retry: v.optional(v.array(Retrier), []), Catch: v.optional(v.array(Catcher), []) };

export const TaskState = v.strictObject({
  Type: v.literal('Task'),
  Resource: Text,
  Arguments: v.unknown(),
  ...Bookkeeping,
  ...Results,
  ...Following,
  ...Faults,
});

export const MapState = v.strictObject({
  Type: v.literal('Map'),
  ItemProcessor: v.strictObject({
    ProcessorConfig: v.variant('Mode', [
      v.strictObject({ Mode: v.literal('INLINE') }),
      v.strictObject({ Mode: v.literal('DISTRIBUTED'), ExecutionType: v.literal('STANDARD') }),
    ]),
    StartAt: Text,
    States: v.record(Text, v.unknown()),
  }),
  Items: v.optional(v.unknown()),
  ItemReader: v.optional(
    v.strictObject({
      Resource: v.pipe(Text, v.regex(/^arn:[^:]+:states:::s3:getObject$/, 'is a reader that is not implemented')),
      ReaderConfig: v.strictObject({ InputType: v.literal('JSONL') }),
      Arguments: v.strictObject({ Bucket: v.unknown(), Key: v.unknown() }),
    }),
  ),
  ItemSelector: v.optional(v.unknown()),
  MaxConcurrency: v.optional(v.union([v.number(), Text]), 0),
  ToleratedFailurePercentage: v.optional(v.number()),
  ...Bookkeeping,
  ...Results,
  ...Following,
  ...Faults,
});

export const ChoiceState = v.strictObject({
  Type: v.literal('Choice'),
  Choices: v.array(v.strictObject({ Condition: Text, Next: Text, Comment: v.optional(Text), ...Results })),
  Default: v.optional(Text),
  ...Bookkeeping,
  ...Results,
});

export const WaitState = v.strictObject({
  Type: v.literal('Wait'),
  Seconds: v.optional(v.union([v.number(), Text])),
  Timestamp: v.optional(Text),
  ...Bookkeeping,
  ...Results,
  ...Following,
});

export const PassState = v.strictObject({ Type: v.literal('Pass'), ...Bookkeeping, ...Results, ...Following });
export const SucceedState = v.strictObject({
  Type: v.literal('Succeed'),
  ...Bookkeeping,
  Output: v.optional(v.unknown()),
});
export const FailState = v.strictObject({
  Type: v.literal('Fail'),
  Error: v.optional(Text),
  Cause: v.optional(Text),
  ...Bookkeeping,
});

export const State = v.variant('Type', [
  TaskState,
  MapState,
  ChoiceState,
  WaitState,
  PassState,
  SucceedState,
  FailState,
]);
export type State = v.InferOutput<typeof State>;

export const Machine = v.strictObject({
  Comment: v.optional(Text),
  QueryLanguage: v.literal('JSONata', 'must be JSONata: JSONPath is not implemented'),
  StartAt: Text,
  States: v.record(Text, v.unknown()),
  TimeoutSeconds: v.optional(v.number()),
});
