import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrustedParty } from '../../../core/contract/trust.ts';
import { readTrust } from '../../../core/trust/trust-policy.ts';
import { namedAccounts } from '../../../core/trust/trusted-principal.ts';
import { conditionsHold } from '../../../local/emulated-aws/evaluation/conditions.ts';
import { RequestContext } from '../../../local/emulated-aws/evaluation/request-context.ts';
import { statementsOf } from '../../../local/emulated-aws/evaluation/statements.ts';
import { matchesWildcards } from '../../../local/emulated-aws/evaluation/wildcards.ts';

const OWN = '111122223333';
const OTHERS = ['111122223334', '999988887777'];
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, `../../fixtures/trust/${name}.json`), 'utf8'));
const trust = (document: string, organization: readonly string[] | null = null) => {
  const read = (accounts: readonly string[] | null) =>
    readTrust(document, { accountId: OWN, organizationAccounts: accounts === null ? null : new Set(accounts) });
  const found = read(organization);
  // The inventory knows only of the accounts that the policy names whether they are in the organization.
  if (organization !== null) {
    const named = namedAccounts(document);
    expect(read(organization.filter((accountId) => named.has(accountId)))).toEqual(found);
  }
  return found;
};

interface Case {
  readonly name: string;
  readonly document: object;
  readonly organization?: readonly string[];
  readonly parties: readonly Partial<TrustedParty>[];
}

test.each([
  ['an account ID', { AWS: OTHERS[0] }, [OTHERS[0]]],
  ['ARNs', { AWS: OTHERS.map((accountId) => `arn:aws:iam::${accountId}:role/r`) }, OTHERS],
  ['longer numbers', { AWS: 'arn:aws:iam::aws:role/1112222333344' }, []],
])('the named accounts of %s', (_, principal, expected) => {
  const document = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }] });
  expect([...namedAccounts(document)]).toEqual(expected);
  expect([...namedAccounts(document.replaceAll('1', '\\u0031'))]).toEqual(expected);
});

test('a policy that is not JSON names no account', () => {
  expect([...namedAccounts(`{ ${OWN}`)]).toEqual([]);
});

test.each((fixture('cases') as Case[]).map((one) => [one.name, one] as const))(
  '%s',
  (_name, { document, organization, parties }) => {
    const found = trust(JSON.stringify(document), organization);
    expect(found).toMatchObject({ kind: 'read', parties });
  },
);

test.each(
  (fixture('unreadable') as { name: string; document: string; reason: string }[]).map(
    (one) => [one.name, one] as const,
  ),
)('unreadable: %s', (_name, { document, reason }) => {
  expect(trust(document)).toEqual({ kind: 'unreadable', reason: expect.stringContaining(reason) as string });
});

test('reading any document never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((Statement) => JSON.stringify({ Statement })),
      ),
      (text) => {
        expect(['read', 'unreadable']).toContain(trust(text).kind);
      },
    ),
  );
});

describe('every caller that the policy trusts is covered by a party', () => {
  const callers = [OWN, ...OTHERS].flatMap((account) =>
    ['a', 'b'].map((name) => `arn:aws:iam::${account}:role/${name}`),
  );
  const names = ['*', ...[OWN, ...OTHERS].flatMap((account) => [account, `arn:aws:iam::${account}:root`]), ...callers];
  const keys: Readonly<Record<string, readonly string[]>> = {
    'aws:PrincipalOrgID': ['o-abc', 'o-def', 'o-*', '*'],
    'sts:ExternalId': ['x', 'y', '*', '?', '${aws:PrincipalAccount}'],
    'aws:PrincipalAccount': [OWN, ...OTHERS],
    'aws:PrincipalArn': [...callers, `arn:aws:iam::${OWN}:role/*`, 'arn:aws:iam::*:role/a', 'arn:*'],
  };
  const operators = ['String', 'Arn'].flatMap((type) =>
    ['Equals', 'Like', 'NotEquals', 'NotLike'].flatMap((verb) =>
      ['', 'ForAnyValue:', 'ForAllValues:'].flatMap((prefix) =>
        ['', 'IfExists'].map((suffix) => `${prefix}${type}${verb}${suffix}`),
      ),
    ),
  );
  const clause = fc
    .tuple(fc.constantFrom(...operators), fc.constantFrom(...Object.keys(keys)))
    .chain(([operator, key]) =>
      fc
        .array(fc.constantFrom(...(keys[key] ?? [])), { minLength: 1, maxLength: 2 })
        .map((values) => ({ [operator]: { [key]: values } })),
    );
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
    principals: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
    not: fc.boolean(),
    Action: fc.constantFrom('sts:AssumeRole', 'sts:*', '*', 'sts:TagSession', 'sts:AssumeRoleWith*'),
    conditions: fc.array(clause, { maxLength: 2 }),
  });
  const request = fc.record({
    arn: fc.constantFrom(...callers),
    organization: fc.constantFrom(null, 'o-abc', 'o-def'),
    externalId: fc.constantFrom(null, 'x', 'y', 'z'),
  });
  type Request = { arn: string; organization: string | null; externalId: string | null };
  const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

  /** The keys that AWS sets in the request. The caller can choose only the ExternalId. */
  const contextOf = ({ arn, organization, externalId }: Request): RequestContext => {
    const context = new RequestContext();
    context.set('aws:PrincipalArn', [arn]);
    context.set('aws:PrincipalAccount', [accountOf(arn)]);
    if (organization !== null) context.set('aws:PrincipalOrgID', [organization]);
    if (externalId !== null) context.set('sts:ExternalId', [externalId]);
    return context;
  };

  /** Evaluates conditions as the emulated AWS does, and principals as the IAM User Guide describes. */
  const mayAssume = (document: object, given: Request): boolean => {
    const context = contextOf(given);
    const raw = (document as { Statement: { Principal?: { AWS: string[] }; NotPrincipal?: { AWS: string[] } }[] })
      .Statement;
    const applies = statementsOf(document as never).map((one, index) => {
      const { Principal, NotPrincipal } = raw[index]!;
      const isNamed = (Principal ?? NotPrincipal)!.AWS.some((name) =>
        ['*', given.arn, accountOf(given.arn), `arn:aws:iam::${accountOf(given.arn)}:root`].includes(name),
      );
      const isMeant = isNamed === (Principal !== undefined);
      const acts = one.actions!.some((pattern) => matchesWildcards(pattern.toLowerCase(), 'sts:assumerole'));
      return { ...one, holds: isMeant && acts && conditionsHold(one.conditions, context, new Set()) };
    });
    return (
      applies.some(({ allows, holds }) => allows && holds) && !applies.some(({ allows, holds }) => !allows && holds)
    );
  };

  const coversCaller = (party: TrustedParty, given: Request): boolean => {
    const context = contextOf(given);
    const isCaller = party.accountId === null ? party.kind === 'everyone' : party.accountId === accountOf(given.arn);
    return (
      isCaller &&
      (party.organizationIds?.includes(given.organization ?? '') ?? true) &&
      (!party.externalId || given.externalId !== null) &&
      party.requires.every(({ key, match, values }) =>
        (context.get(key) ?? []).some((value) =>
          values.some((wanted) => (match === 'like' ? matchesWildcards(wanted, value) : wanted === value)),
        ),
      )
    );
  };

  test('for any statements and callers', () => {
    let assumed = 0;
    fc.assert(
      fc.property(
        fc.array(statement, { minLength: 1, maxLength: 3 }),
        fc.array(request, { minLength: 8, maxLength: 8 }),
        (made, requests) => {
          const Statement = made.map(({ principals, not, conditions, ...rest }) => ({
            ...rest,
            [not ? 'NotPrincipal' : 'Principal']: { AWS: principals },
            // Two clauses with the same operator would be one key of the object, so only the last is used.
            Condition: Object.assign({}, ...conditions) as object,
          }));
          const document = { Statement };
          const found = trust(JSON.stringify(document));
          if (found.kind !== 'read') throw new Error(found.reason);
          for (const given of requests) {
            if (!mayAssume(document, given)) continue;
            assumed += 1;
            expect([given, found.parties.some((party) => coversCaller(party, given))]).toEqual([given, true]);
          }
        },
      ),
      { numRuns: 5_000, seed: 5 },
    );
    expect(assumed).toBeGreaterThan(1_000);
  });
});
