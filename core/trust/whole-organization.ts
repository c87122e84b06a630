import type { TrustStatement } from './trust-statement.ts';

/** Whether a condition on this key can narrow the trust in everybody to some principals. @param key in lower case */
export const namesPrincipals = (key: string): boolean =>
  /^aws:(?:principalarn|principalaccount|principaltag\/.*|userid|username)$/.test(key);

/** Operators that hold only for the values that they name. */
const POSITIVE = /^(?:foranyvalue:)?(?:string(?:equals|equalsignorecase|like)|arn(?:equals|like))$/;

/**
 * Whether an Allow statement means every principal, of all accounts or of an organization, without naming some of them in
 * its conditions.
 */
export const trustsEverybody = ({ allows, exceptThese, principals, clauses }: TrustStatement): boolean =>
  allows &&
  (exceptThese || principals.some(({ type }) => type === 'everyone')) &&
  !clauses.some(({ operator, key }) => namesPrincipals(key) && POSITIVE.test(operator));
