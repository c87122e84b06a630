import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { CallLedger } from '../core/ports/calls/call-ledger.ts';
import type { Clock } from '../core/ports/clock.ts';
import { RoleSessions, type RoleRequest, type RoleSessionSettings } from './role-sessions.ts';
import { regionalStsClient, type StsSettings } from './sts-client.ts';

/** SDK clients ask for new credentials five minutes before the old ones expire. */
const MINIMUM_MS = 360_000;

/**
 * Credentials of a role for SDK clients. Unlike the SDK's `fromTemporaryCredentials`, which neither caches nor shares calls,
 * all clients together call AssumeRole once while the credentials are valid.
 * @throws (the provider) AwsFault
 */
export function roleCredentials(
  request: RoleRequest,
  settings: StsSettings & RoleSessionSettings,
  clock: Clock,
): AwsCredentialIdentityProvider {
  const sts = regionalStsClient(settings);
  const sessions = new RoleSessions(() => sts, clock, settings);
  const calls = new CallLedger();
  return () => sessions.credentials(request, MINIMUM_MS, calls);
}
