import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { Clock } from '../../core/ports/clock.ts';
import { startControlPlane } from '../../local/emulated-aws/control-plane.ts';
import { EventHistory } from '../../local/emulated-aws/cloudtrail/event-history.ts';
import {
  addAuditRole,
  addOperator,
  AUDIT_ROLE,
  generateAccount,
  OPERATOR,
} from '../../local/emulated-aws/generate/account.ts';
import { listenOnLoopback } from '../../local/emulated-aws/loopback.ts';
import { startEmulatedS3 } from '../../local/emulated-aws/s3/server.ts';
import { startEmulatedAws } from '../../local/emulated-aws/server.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import type { Comparison } from './compare-moto.ts';
import { runPython } from './python.ts';

const HUB = '111122223333';
const MEMBER = '111122223334';
const INACTIVE_REGION = 'ap-east-1';
const MACHINE = `arn:aws:states:us-east-1:${HUB}:stateMachine:IamAudit`;
const BUCKET = 'results';

const Checked = v.object({
  counts: v.record(v.string(), v.number()),
  differences: v.array(v.string()),
});

/** Real time, which the checking program moves forward. */
class MovedClock implements Clock {
  movedMs = 0;

  now(): number {
    return Date.now() + this.movedMs;
  }

  sleep(ms: number): Promise<void> {
    this.movedMs += Math.max(0, ms);
    return Promise.resolve();
  }
}

/** Calls the emulated AWS with botocore, and checks its answers with AWS's own API models. */
export async function checkModels(bin: string): Promise<Comparison> {
  const clock = new MovedClock();
  const accounts = [HUB, MEMBER].map((accountId, n) => {
    const account = generateAccount({ seed: n + 1, accountId, users: 8, roles: 16, now: clock.now() });
    addAuditRole(account, HUB, clock.now());
    const everything = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    account.serviceControlPolicies = [[everything], [everything]];
    return account;
  });
  const [hub] = accounts;
  if (hub === undefined) throw new Error('There is no account.');
  addOperator(hub, clock.now());
  const principals = [...hub.users.values(), ...hub.roles.values()];
  const unevaluable = principals[0];
  if (unevaluable === undefined) throw new Error('There is no principal.');
  const Condition = { StringMatches: { 'aws:PrincipalArn': 'x' } };
  const document = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', Condition }] };
  unevaluable.inlinePolicies = [{ name: 'odd', document }];
  const aws = await startEmulatedAws({
    ...{ accounts, clock, random: seededRandom(3), limit: null, eventHistory: new EventHistory(seededRandom(5)) },
    inactiveStsRegions: { [HUB]: [INACTIVE_REGION] },
    organization: { managementAccountId: HUB, resourceControlPolicies: { limits: [MEMBER] } },
  });
  const plane = await startControlPlane({
    stacks: [{ name: 'IamAudit', description: 'd', outputs: { StateMachineArn: MACHINE } }],
    ...{ stateMachineArn: MACHINE, definition: '{}', now: () => clock.now() },
    run: () => Promise.resolve({ transitions: 1, status: 'SUCCEEDED', output: {} }),
    accounts: () => ({ total: 2, running: 0, succeeded: 2, failed: 0 }),
  });
  const s3 = await startEmulatedS3({ buckets: [BUCKET], now: () => clock.now() });
  const mover = await listenOnLoopback((request, response) => {
    clock.movedMs += 1_000 * Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('seconds'));
    response.end();
    return Promise.resolve();
  });
  try {
    const { accessKeyId, secretAccessKey } = aws.emulation.issueUser(HUB, OPERATOR);
    const facts = {
      ...{ accessKeyId, secretAccessKey, accountId: HUB, bucket: BUCKET, stateMachineArn: MACHINE },
      ...{ aws: aws.url, controlPlane: plane.url, s3: s3.url, clock: mover.url, inactiveRegion: INACTIVE_REGION },
      ...{ unevaluable: unevaluable.arn, principals: principals.slice(1).map(({ arn }) => arn) },
      role: `arn:aws:iam::${HUB}:role/${AUDIT_ROLE}`,
    };
    const program = fileURLToPath(new URL('check_models.py', import.meta.url));
    const { counts, differences } = v.parse(
      Checked,
      JSON.parse(await runPython(bin, program, [JSON.stringify(facts)])),
    );
    return { compared: Object.entries(counts).map(([what, count]) => `${count} ${what}`), differences };
  } finally {
    await Promise.all([aws, plane, s3, mover].map((server) => server.close()));
  }
}
