import { UnknownOperator } from '../evaluation/conditions.ts';
import { simulatePrincipal, type Evaluation } from '../evaluation/simulate.ts';
import { ServiceError } from '../service-error.ts';
import type { XmlValue } from '../xml.ts';
import { members, page, parameter, type Operation, type OperationContext } from './operation.ts';

const details = (result: Evaluation): { [name: string]: XmlValue } => ({
  MatchedStatements: result.matched.map(({ id, type }) => ({ SourcePolicyId: id, SourcePolicyType: type })),
  MissingContextValues: result.missingContext,
  ...(result.allowedByBoundary === null
    ? {}
    : { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: result.allowedByBoundary } }),
});

function contextEntries({ parameters }: OperationContext): { name: string; values: string[] }[] {
  const entries: { name: string; values: string[] }[] = [];
  for (let n = 1; ; n += 1) {
    const name = parameters.get(`ContextEntries.member.${n}.ContextKeyName`);
    if (name === null) return entries;
    const values: string[] = [];
    for (let k = 1; ; k += 1) {
      const value = parameters.get(`ContextEntries.member.${n}.ContextKeyValues.member.${k}`);
      if (value === null) break;
      values.push(value);
    }
    entries.push({ name, values });
  }
}

/** @throws ServiceError PolicyEvaluation if a policy cannot be evaluated */
function evaluate<T>(work: () => T): T {
  try {
    return work();
  } catch (error: unknown) {
    if (error instanceof UnknownOperator) throw new ServiceError(500, 'PolicyEvaluation', error.message);
    throw error;
  }
}

const invalid = (message: string): ServiceError => new ServiceError(400, 'InvalidInput', message);

export const simulatePrincipalPolicy: Operation = (context) => {
  const source = parameter(context, 'PolicySourceArn');
  parameter(context, 'ActionNames.member.1');
  const actions = members(context, 'ActionNames');
  const resources = members(context, 'ResourceArns');
  const { maxActions, refusedActions } = context.behaviour;
  if (actions.length > maxActions) throw invalid(`ActionNames has more than ${maxActions} members.`);
  for (const action of actions) {
    if (!/^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action)) throw invalid(`Invalid Action: ${action}`);
    if (refusedActions.includes(action)) throw invalid(`Invalid Action: ${action}`);
  }
  for (const arn of resources) {
    if (arn !== '*' && !/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/.test(arn)) throw invalid(`Invalid Resource ARN: ${arn}`);
  }
  const { items, rest } = page(context, actions);
  const results = evaluate(() =>
    simulatePrincipal(context.account, source, {
      actionNames: items,
      resourceArns: resources,
      contextEntries: contextEntries(context),
      now: context.clock.now(),
    }),
  );
  return {
    EvaluationResults: results.map((result) => ({
      EvalActionName: result.action,
      EvalResourceName: result.resource,
      EvalDecision: result.decision,
      ...details(result),
      ...(result.allowedByOrganizations === null
        ? {}
        : { OrganizationsDecisionDetail: { AllowedByOrganizations: result.allowedByOrganizations } }),
      ...(result.resources.length === 0
        ? {}
        : {
            ResourceSpecificResults: result.resources.map((resource) => ({
              EvalResourceName: resource.arn,
              EvalResourceDecision: resource.decision,
              ...details(resource),
            })),
          }),
    })),
    ...rest,
  };
};
