import { SdkAccountAccess } from '../../aws/account-access.ts';
import type { Services } from '../../core/ports/services.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { inProcess } from '../../local/emulated-aws/in-process.ts';
import { HUB, type VirtualAudit } from './virtual-audit.ts';

/** The services of an audit whose requests do not leave this process, so that emulated latencies pass in virtual time. */
export function inProcessServices(audit: VirtualAudit): Services {
  const { clock, aws } = audit;
  const credentials = aws.emulation.issueUser(HUB, OPERATOR);
  const access = new SdkAccountAccess(
    {
      credentials: () => Promise.resolve(credentials),
      memberRole: { roleName: AUDIT_ROLE, externalId: null },
      region: 'us-east-1',
      endpoint: 'http://emulated.invalid',
      ...inProcess(aws.emulation, clock),
    },
    clock,
  );
  return { ...audit.services(), access };
}
