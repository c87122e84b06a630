import { isAdministrator } from '../access/abilities/abilities.ts';
import { recordWithoutDenied } from '../access/graph/denied-by-arn.ts';
import { catalogue, categoriesOf } from '../catalogue/catalogue.ts';
import { actionKinds, type Abilities, type ActionKind } from '../contract/answers/can.ts';
import type { AllowedAction } from '../contract/answers/permission.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import { AskedQuestion } from './asked-question.ts';
import { otherPermissions } from './other-permissions.ts';
import { catalogued } from './question.ts';
import type { RunAccess } from './run-access.ts';

/**
 * What a principal can do.
 * @param actions empty: all actions of the catalogue, and what else its policies allow
 * @throws StoreError, ValiError for a damaged line
 */
export async function whatCan(
  access: RunAccess,
  record: PrincipalRecord,
  actions: readonly string[],
  resource: string | null,
): Promise<Abilities> {
  const allowed: AllowedAction[] = [];
  const notAllowed: string[] = [];
  const notKnown: Abilities['notKnown'][number][] = [];
  const asked = actions.length > 0 ? actions : catalogue.map(({ action }) => action);
  for (const given of new Set(asked)) {
    const action = catalogued(given) ?? given;
    const question = await AskedQuestion.of(access, { action, resource });
    const answer = await question.answer(record);
    if (answer.kind === 'can') {
      const { accountId: _account, principalArn: _arn, ...rest } = answer.principal;
      allowed.push({ action, ...rest });
    } else if (answer.kind === 'unknown') notKnown.push({ action, reason: answer.reason });
    else if (actions.length > 0) notAllowed.push(action);
  }
  const account = await access.account(record.accountId);
  const node = account?.principal(record.arn) ?? null;
  if (actions.length === 0 && account !== null && node !== null) {
    allowed.push(...otherPermissions(account, node, record));
  }
  return {
    schemaVersion: 1,
    runId: access.run.runId,
    status: access.run.status,
    principalArn: record.arn,
    isAdministrator: isAdministrator(account === null ? record : recordWithoutDenied(record, account)),
    categories: actionKinds.flatMap((category) => {
      const members = allowed.filter(({ action }) => kindOf(action) === category);
      return members.length === 0 ? [] : [{ category, actions: members }];
    }),
    notAllowed,
    notKnown,
    problems: record.problems,
  };
}

function kindOf(action: string): ActionKind {
  const categories = categoriesOf(action);
  if (categories.includes('privilegeEscalation')) return 'permission changes';
  if (categories.includes('credentialExposure')) return 'credentials';
  return categories.includes('escalation') ? 'escalation' : 'other';
}
