import { automationPaths } from './automation-paths.ts';
import { containerPaths } from './container-paths.ts';
import { credentialsPaths } from './credentials-paths.ts';
import { dataPaths } from './data-paths.ts';
import { deploymentPaths } from './deployment-paths.ts';
import type { EscalationPath } from './escalation-path.ts';
import { instancePaths } from './instance-paths.ts';
import { machineLearningPaths } from './machine-learning-paths.ts';

/**
 * A principal passes a role to a resource that it creates or changes, or takes over a resource that runs with a role. By
 * the family of the service that uses the role.
 */
export const passedRolePaths: readonly EscalationPath[] = [
  ...instancePaths,
  ...containerPaths,
  ...dataPaths,
  ...machineLearningPaths,
  ...deploymentPaths,
  ...automationPaths,
  ...credentialsPaths,
];
