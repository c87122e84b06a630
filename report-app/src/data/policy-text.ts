import { documentKey, type Grounds, type Principal, type Report } from './model.ts';

/** A policy document with line breaks; the text itself if it is not JSON. */
export function pretty(document: string): string {
  try {
    return JSON.stringify(JSON.parse(document), null, 2);
  } catch {
    return document;
  }
}

/**
 * The text of the policy that grounds name. Null if the report does not have it. Grounds name inline policies by `inline policy
 * NAME`, managed ones by ARN, those of groups with ` of group NAME`, and `trust policy`.
 */
export function documentOf(
  { documents, byArn }: Report,
  policy: string,
  principal: Principal | null,
  stepTo: string,
): string | null {
  if (policy === 'trust policy') {
    const target = byArn.get(stepTo) ?? principal;
    return target === null ? null : (documents.get(documentKey(target.index, 'trust', 'trust policy')) ?? null);
  }
  const [own = policy, group] = policy.split(' of group ');
  if (own.startsWith('inline policy ')) {
    const name = own.slice('inline policy '.length);
    if (group !== undefined) return documents.get(documentKey(null, 'group', `${group}/${name}`)) ?? null;
    return principal === null ? null : (documents.get(documentKey(principal.index, 'inline', name)) ?? null);
  }
  return documents.get(documentKey(null, 'managed', own)) ?? null;
}

/** The statements of a policy document; null if it has none or is not JSON. */
function statementsIn(document: string): readonly unknown[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('Statement' in parsed)) return null;
  const statements: readonly unknown[] = Array.isArray(parsed.Statement) ? parsed.Statement : [parsed.Statement];
  return statements;
}

/** The statement that grounds name: by its Sid, or by its place as `statement 2`. Null if it is not found. */
export function statementOf(document: string, { statement }: Grounds): string | null {
  const statements = statementsIn(document) ?? [];
  const place = /^statement (\d+)$/.exec(statement)?.[1];
  const found =
    place === undefined
      ? statements.find((one) => typeof one === 'object' && one !== null && 'Sid' in one && one.Sid === statement)
      : statements[Number(place) - 1];
  return found === undefined ? null : JSON.stringify(found, null, 2);
}

/**
 * What a principal has today, in the form of its recommendation: one document with the statements of the policies that the
 * recommendation replaces. Null if one of them is not in the report or can't be read.
 */
export function replacedText({ documents }: Report, principal: Principal): string | null {
  const all: unknown[] = [];
  for (const { kind, name, group } of principal.recommendation?.replaces ?? []) {
    const key =
      kind === 'managed'
        ? documentKey(null, 'managed', name)
        : group === null
          ? documentKey(principal.index, 'inline', name)
          : documentKey(null, 'group', `${group}/${name}`);
    const statements = statementsIn(documents.get(key) ?? '');
    if (statements === null) return null;
    all.push(...statements);
  }
  return JSON.stringify({ Version: '2012-10-17', Statement: all }, null, 2);
}
