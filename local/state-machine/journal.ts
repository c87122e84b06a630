/**
 * What an execution has done, so that it can be redriven (Step Functions Developer Guide, "Restarting state machine executions with
 * redrive"): a redrive begins with the state that did not succeed, and repeats neither states that succeeded nor those whose error was caught.
 */
export interface Journal {
  /** The state that was entered last, with its input and the variables before it. Null: none was. */
  at: {
    readonly name: string;
    readonly input: unknown;
    readonly variables: readonly (readonly [name: string, value: unknown])[];
  } | null;
  /** By index: the iterations of the Map that was entered last. */
  readonly iterations: Map<number, Iteration>;
}

/** A child of a Distributed Map, or an iteration of an inline Map. */
export type Iteration =
  | { readonly kind: 'succeeded'; readonly output: unknown }
  /** It has failed or was stopped. `context`: that of its first start. */
  | { readonly kind: 'open'; readonly journal: Journal; readonly context: ExecutionContext };

/** The `Execution` part of the context object. */
export interface ExecutionContext {
  readonly Id: string;
  readonly Name: string;
  readonly StartTime: string;
  readonly Input: unknown;
}

export const newJournal = (): Journal => ({ at: null, iterations: new Map() });
