import { ServiceError } from '../service-error.ts';
import type { Operation } from './operation.ts';

const strong = {
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
  const { accountId, passwordPolicy = strong } = account;
  if (passwordPolicy !== null) return { PasswordPolicy: passwordPolicy };
  throw new ServiceError(404, 'NoSuchEntity', `The Password Policy with domain name ${accountId} cannot be found.`);
};
