import type { RunSummary } from '../contract/run.ts';
import { problemInWords } from '../organization/use/use-problem.ts';

/** The services that the organization uses, in sentences for the summary of a run. */
export function organizationUseInWords({ runId, organization }: RunSummary): string[] {
  const use = organization?.use;
  if (use === undefined) return [];
  const { proposals, problem } = use;
  return [
    ...(proposals === 0
      ? []
      : [
          `Service control policies that deny unused services are proposed for ${proposals} unit${proposals === 1 ? '' : 's'} of the organization (runs/${runId}/scp/).`,
        ]),
    ...(problem === undefined ? [] : [`Services used in the organization: ${problemInWords(problem)}`]),
  ];
}
