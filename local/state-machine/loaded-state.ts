import type { Retrier } from './definition.ts';
import type { Template } from './expressions.ts';

export interface AssignAndOutput {
  readonly assign: readonly (readonly [string, Template])[];
  /** Null: the output is the state's result, or its input if the state has no result. */
  readonly output: Template | null;
}

export interface LoadedCatcher extends AssignAndOutput {
  readonly errorEquals: readonly string[];
  readonly next: string;
}

export interface ErrorHandling {
  readonly retry: readonly Retrier[];
  readonly catch: readonly LoadedCatcher[];
}

/** The next state. Null: the execution or the iteration ends here. */
export interface Transition {
  readonly next: string | null;
}

export type LoadedState = { readonly name: string; readonly path: string } & (
  | ({ readonly type: 'Task'; readonly resource: string; readonly arguments: Template } & AssignAndOutput &
      ErrorHandling &
      Transition)
  | ({
      readonly type: 'Map';
      readonly processor: Processor;
      readonly items: Template | null;
      readonly reader: { readonly bucket: Template; readonly key: Template } | null;
      readonly itemSelector: Template | null;
      readonly maxConcurrency: Template;
      readonly toleratedFailurePercentage: number;
    } & AssignAndOutput &
      ErrorHandling &
      Transition)
  | ({
      readonly type: 'Choice';
      readonly choices: readonly (AssignAndOutput & { readonly condition: Template; readonly next: string })[];
      readonly fallback: string | null;
    } & AssignAndOutput)
  | ({
      readonly type: 'Wait';
      readonly seconds: Template | null;
      readonly timestamp: Template | null;
    } & AssignAndOutput &
      Transition)
  | ({ readonly type: 'Pass' } & AssignAndOutput & Transition)
  | ({ readonly type: 'Succeed' } & AssignAndOutput)
  | { readonly type: 'Fail'; readonly error: Template; readonly cause: Template }
);

export interface Processor {
  readonly mode: 'INLINE' | 'DISTRIBUTED';
  readonly startAt: string;
  readonly states: ReadonlyMap<string, LoadedState>;
}

export interface LoadedMachine {
  readonly processor: Processor;
  readonly timeoutSeconds: number | null;
}
