import type { PasswordPolicy as SdkPasswordPolicy } from '@aws-sdk/client-iam';
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

export const passwordPolicy = (policy: SdkPasswordPolicy): PasswordPolicy => ({
  exists: true,
  minimumLength: policy.MinimumPasswordLength ?? SHORTEST,
  requiresSymbols: policy.RequireSymbols === true,
  requiresNumbers: policy.RequireNumbers === true,
  requiresUppercase: policy.RequireUppercaseCharacters === true,
  requiresLowercase: policy.RequireLowercaseCharacters === true,
  reusePrevention: policy.PasswordReusePrevention ?? 0,
  maxAgeDays: policy.MaxPasswordAge ?? null,
});
