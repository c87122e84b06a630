import * as v from 'valibot';
import { measure } from './measure.ts';
import { allScenarios } from './scenarios/all-scenarios.ts';

export const Job = v.object({ scenario: v.string(), seed: v.number() });
export type Job = v.InferOutput<typeof Job>;

/** A process that measures the scenarios it is sent, one after the other. */
process.on('message', (message) => {
  const { scenario: name, seed } = v.parse(Job, message);
  const scenario = allScenarios.find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new Error(`There is no scenario ${name}.`);
  void measure(scenario, seed).then((measured) => process.send?.(measured));
});
