import type { AccountCredentials } from '../contract/evidence.ts';

/** The state of an account's root user, in a few words. */
export function rootInWords(account: AccountCredentials | undefined): string {
  if (account === undefined || account.root === null) return 'not known';
  const { mfaActive, accessKeys } = account.root;
  const keys = accessKeys.filter(({ active }) => active).length;
  const age = account.credentialReportAgeMinutes;
  return [
    mfaActive ? 'MFA' : 'no MFA',
    keys === 0 ? 'no active keys' : `${keys} active key${keys === 1 ? '' : 's'}`,
    ...(age === null || age < 60 ? [] : [`credential report ${Math.round(age / 60)} h old`]),
  ].join(', ');
}
