import type { PasswordPolicy as SdkPasswordPolicy } from '@aws-sdk/client-iam';
import { optionalFlag, optionalNumber } from './required.ts';
import type { PasswordPolicy } from '../core/contract/evidence.ts';

/** IAM's default policy (IAM User Guide, "Setting an account password policy for IAM users"). */
export const NO_PASSWORD_POLICY: PasswordPolicy = {
  exists: false,
  minimumLength: 8,
  requiresSymbols: false,
  requiresNumbers: false,
  requiresUppercase: false,
  requiresLowercase: false,
  reusePrevention: 0,
  maxAgeDays: null,
};

/** IAM's shortest minimum length. */
const SHORTEST = 6;

const OPERATION = 'GetAccountPasswordPolicy';
const flag = (policy: SdkPasswordPolicy, field: keyof SdkPasswordPolicy): boolean =>
  optionalFlag(policy[field], OPERATION, field) === true;
const number = (policy: SdkPasswordPolicy, field: keyof SdkPasswordPolicy): number | null =>
  optionalNumber(policy[field], OPERATION, field);

/** @throws AwsFault */
export const passwordPolicy = (policy: SdkPasswordPolicy): PasswordPolicy => ({
  exists: true,
  minimumLength: number(policy, 'MinimumPasswordLength') ?? SHORTEST,
  requiresSymbols: flag(policy, 'RequireSymbols'),
  requiresNumbers: flag(policy, 'RequireNumbers'),
  requiresUppercase: flag(policy, 'RequireUppercaseCharacters'),
  requiresLowercase: flag(policy, 'RequireLowercaseCharacters'),
  reusePrevention: number(policy, 'PasswordReusePrevention') ?? 0,
  maxAgeDays: number(policy, 'MaxPasswordAge'),
});
