/** Says whether an execution that once claimed the run is still at work. */
export interface Executions {
  isRunning(execution: string): Promise<boolean>;
}
