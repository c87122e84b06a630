/** Reports whether the execution that holds the claim is still running. */
export interface Executions {
  isRunning(execution: string): Promise<boolean>;
}
