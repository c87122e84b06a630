import { shortName, type Finding, type Grounds } from './model.ts';
import { groundsIn } from './paths.ts';

/**
 * The policy that a finding comes from: the ARN of a managed policy, or the name of an inline or trust policy with its
 * principal. Null if the evidence names none.
 */
export function decisivePolicyOf({ evidence, sharedPaths, arn }: Finding): string | null {
  const steps = sharedPaths[0]?.steps[0]?.grounds ?? [];
  // A statement of the principal's own policies can be removed there. The trust policy is that of the next one.
  const own = [...groundsIn(evidence.grounds), ...steps].filter(({ policy }) => policy !== 'trust policy');
  const [first]: readonly Grounds[] = own;
  if (first === undefined) return null;
  const isShared = first.policy.startsWith('arn:') || first.policy.includes(' of group ');
  return isShared ? first.policy : `${first.policy} of ${shortName(arn)}`;
}
