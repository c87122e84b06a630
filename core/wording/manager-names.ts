import type { ManagedBy } from '../contract/evidence.ts';

/** The name of what manages a role. */
export const managerNames: Readonly<Record<ManagedBy, string>> = {
  service: 'an AWS service',
  identityCenter: 'IAM Identity Center',
  controlTower: 'AWS Control Tower',
  stackSets: 'CloudFormation StackSets',
};
