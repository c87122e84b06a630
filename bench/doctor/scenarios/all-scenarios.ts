import { backoffScenarios } from './backoff.ts';
import { callersScenarios } from './callers.ts';
import { credentialCacheScenarios } from './credential-cache.ts';
import { burstScenarios, durationScenarios } from './durations-and-bursts.ts';
import { hardScenarios } from './hard.ts';
import { organizationScenarios, otherScenarios } from './organizations-and-others.ts';
import { endpointScenarios, policyScenarios } from './policies-and-endpoints.ts';
import type { Scenario } from './scenario.ts';
import { stsAndSharedLoadScenarios } from './sts-and-shared-load.ts';

export const allScenarios: readonly Scenario[] = [
  ...callersScenarios,
  ...stsAndSharedLoadScenarios,
  ...backoffScenarios,
  ...credentialCacheScenarios,
  ...durationScenarios,
  ...burstScenarios,
  ...policyScenarios,
  ...endpointScenarios,
  ...organizationScenarios,
  ...otherScenarios,
  ...hardScenarios,
];
