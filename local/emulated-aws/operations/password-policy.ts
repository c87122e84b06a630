import { ServiceError } from '../service-error.ts';
import type { Operation } from './operation.ts';

/** What an account has if it names no policy of its own. */
export const strongPasswordPolicy = {
  MinimumPasswordLength: 16,
  RequireSymbols: true,
  RequireNumbers: true,
  RequireUppercaseCharacters: true,
  RequireLowercaseCharacters: true,
  AllowUsersToChangePassword: true,
  ExpirePasswords: false,
  PasswordReusePrevention: 24,
};

export const getAccountPasswordPolicy: Operation = ({ account }) => {
  const { accountId, passwordPolicy = strongPasswordPolicy } = account;
  if (passwordPolicy !== null) return { PasswordPolicy: passwordPolicy };
  throw new ServiceError(404, 'NoSuchEntity', `The Password Policy with domain name ${accountId} cannot be found.`);
};
