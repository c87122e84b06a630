import * as v from 'valibot';
import { isTimestamp } from './timestamp.ts';

/**
 * Schemas for the part of Amazon States Language that the workflow uses. They are strict: a definition with any other
 * field is refused, because that field would have no effect here. Ranges and defaults come from the Step Functions
 * Developer Guide.
 */

const Text = v.string();
const Bindings = v.record(Text, v.unknown());
const Expression = v.pipe(Text, v.regex(/^\{%[\s\S]*%\}$/, 'must be an expression between {% and %}'));
const wholeNumber = (least: number, most: number) =>
  v.pipe(
    v.number(),
    v.integer('must be a whole number'),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most}`),
  );
/** About three years. */
const MAX_SECONDS = 99_999_999;
/** 366 days. */
const MAX_DELAY_SECONDS = 31_622_400;

const CommonFields = { Comment: v.optional(Text), QueryLanguage: v.optional(v.literal('JSONata')) };
const AssignAndOutput = { Assign: v.optional(Bindings), Output: v.optional(v.unknown()) };
const Transition = { Next: v.optional(Text), End: v.optional(v.literal(true)) };

/** Step Functions' own error names that a state can report here, or that match several errors. */
const reservedErrors = [
  'States.ALL',
  'States.DataLimitExceeded',
  'States.ExceedToleratedFailureThreshold',
  'States.ItemReaderFailed',
  'States.QueryEvaluationError',
  'States.TaskFailed',
  'States.Timeout',
];

const ErrorName = v.pipe(
  Text,
  v.nonEmpty('must not be empty'),
  v.check(
    (name) => !name.startsWith('States.') || reservedErrors.includes(name),
    ({ received }) => `has ${received}, which cannot be caught here`,
  ),
);
const ErrorNames = v.pipe(
  v.array(ErrorName),
  v.minLength(1, 'must not be empty'),
  v.check((names) => names.length === 1 || !names.includes('States.ALL'), 'has States.ALL, which must be alone'),
);
const STATES_ALL_NOT_LAST = 'has States.ALL, which must come last';
const isStatesAllLast = (rules: readonly { ErrorEquals: readonly string[] }[]): boolean =>
  rules.slice(0, -1).every(({ ErrorEquals }) => !ErrorEquals.includes('States.ALL'));

export const Retrier = v.pipe(
  v.strictObject({
    ErrorEquals: ErrorNames,
    IntervalSeconds: v.optional(wholeNumber(1, MAX_SECONDS), 1),
    MaxAttempts: v.optional(wholeNumber(0, MAX_SECONDS), 3),
    BackoffRate: v.optional(v.pipe(v.number(), v.minValue(1, 'must be at least 1')), 2),
    MaxDelaySeconds: v.optional(wholeNumber(1, MAX_DELAY_SECONDS)),
    JitterStrategy: v.optional(v.picklist(['FULL', 'NONE']), 'NONE'),
  }),
  v.forward(
    v.check(
      ({ IntervalSeconds, MaxDelaySeconds }) => MaxDelaySeconds === undefined || MaxDelaySeconds > IntervalSeconds,
      'must be greater than IntervalSeconds',
    ),
    ['MaxDelaySeconds'],
  ),
);
export type Retrier = v.InferOutput<typeof Retrier>;

const Catcher = v.strictObject({ ErrorEquals: ErrorNames, Next: Text, ...AssignAndOutput });
const ErrorHandling = {
  Retry: v.optional(
    v.pipe(
      v.array(Retrier),
      v.check((rules) => isStatesAllLast(rules), STATES_ALL_NOT_LAST),
    ),
    [],
  ),
  Catch: v.optional(
    v.pipe(
      v.array(Catcher),
      v.check((rules) => isStatesAllLast(rules), STATES_ALL_NOT_LAST),
    ),
    [],
  ),
};

export const TaskState = v.strictObject({
  Type: v.literal('Task'),
  Resource: Text,
  Arguments: v.unknown(),
  ...CommonFields,
  ...AssignAndOutput,
  ...Transition,
  ...ErrorHandling,
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
  Items: v.optional(v.union([v.array(v.unknown()), Expression])),
  ItemReader: v.optional(
    v.strictObject({
      Resource: v.pipe(Text, v.regex(/^arn:[^:]+:states:::s3:getObject$/, 'is a reader that is not implemented')),
      ReaderConfig: v.strictObject({ InputType: v.literal('JSONL') }),
      Arguments: v.strictObject({ Bucket: v.unknown(), Key: v.unknown() }),
    }),
  ),
  ItemSelector: v.optional(v.unknown()),
  MaxConcurrency: v.optional(v.union([wholeNumber(0, Number.MAX_SAFE_INTEGER), Expression]), 0),
  ToleratedFailurePercentage: v.optional(
    v.pipe(v.number(), v.minValue(0, 'must be at least 0'), v.maxValue(100, 'must be at most 100')),
  ),
  ...CommonFields,
  ...AssignAndOutput,
  ...Transition,
  ...ErrorHandling,
});

export const ChoiceState = v.strictObject({
  Type: v.literal('Choice'),
  Choices: v.pipe(
    v.array(v.strictObject({ Condition: Expression, Next: Text, Comment: v.optional(Text), ...AssignAndOutput })),
    v.minLength(1, 'must not be empty'),
  ),
  Default: v.optional(Text),
  ...CommonFields,
  ...AssignAndOutput,
});

export const WaitState = v.strictObject({
  Type: v.literal('Wait'),
  Seconds: v.optional(v.union([wholeNumber(0, MAX_SECONDS), Expression])),
  Timestamp: v.optional(
    v.pipe(
      Text,
      v.check((text) => v.is(Expression, text) || isTimestamp(text), 'must be a timestamp'),
    ),
  ),
  ...CommonFields,
  ...AssignAndOutput,
  ...Transition,
});

export const PassState = v.strictObject({
  Type: v.literal('Pass'),
  ...CommonFields,
  ...AssignAndOutput,
  ...Transition,
});
export const SucceedState = v.strictObject({
  Type: v.literal('Succeed'),
  ...CommonFields,
  Output: v.optional(v.unknown()),
});
export const FailState = v.strictObject({
  Type: v.literal('Fail'),
  Error: v.optional(
    v.pipe(
      Text,
      v.check((name) => !name.startsWith('States.'), 'must not begin with States., which is reserved'),
    ),
  ),
  Cause: v.optional(Text),
  ...CommonFields,
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
  TimeoutSeconds: v.optional(wholeNumber(1, MAX_SECONDS)),
});
