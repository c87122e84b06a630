/**
 * Writes test/fixtures/former-version/: the template of this version's stack, and the objects of a run. A test upgrades them.
 * Run it when a version is released, before its successor is changed: `node --import tsx scripts/write-former-version.ts`.
 */
import { Template } from 'aws-cdk-lib/assertions';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SdkAccountAccess } from '../aws/account-access.ts';
import { defaultSettings } from '../core/contract/environment.ts';
import { localAccounts } from '../core/ports/services.ts';
import { auditApp } from '../lib/audit-app.ts';
import { AUDIT_ROLE, OPERATOR } from '../local/emulated-aws/generate/account.ts';
import { startEmulatedAws } from '../local/emulated-aws/server.ts';
import { FolderStore } from '../local/folder-store.ts';
import { runWorkflow } from '../local/run-workflow.ts';
import { seededRandom } from '../local/seeded-random.ts';
import { VirtualClock } from '../local/virtual-clock.ts';
import { inVirtualTime } from '../local/virtual-store.ts';
import { FORMER_HUB, FORMER_START, formerAccount } from '../test/support/former-version.ts';

const fixture = fileURLToPath(new URL('../test/fixtures/former-version/', import.meta.url));
mkdirSync(fixture, { recursive: true });

const { stack } = auditApp({ bundle: false, validate: false, settings: { stackName: 'Audit' } });
const template = JSON.stringify(Template.fromStack(stack).toJSON(), null, 1).replaceAll(/[0-9a-f]{64}/g, '<asset>');
writeFileSync(join(fixture, 'template.json'), `${template}\n`);

const clock = new VirtualClock(FORMER_START);
const aws = await startEmulatedAws({ accounts: [formerAccount()], clock, random: seededRandom(7), limit: null });
process.env.AWS_ENDPOINT_URL = aws.url;
const folder = mkdtempSync(join(tmpdir(), 'former-version-'));
const credentials = aws.emulation.issueUser(FORMER_HUB, OPERATOR);
await runWorkflow({
  name: 'former',
  id: 'former',
  input: {},
  services: {
    store: inVirtualTime(new FolderStore({ folder }), clock),
    clock,
    random: seededRandom(11),
    access: new SdkAccountAccess(
      {
        credentials: () => Promise.resolve(credentials),
        memberRole: { roleName: AUDIT_ROLE, externalId: null },
        random: seededRandom(13),
        region: 'us-east-1',
        requestTimeoutMs: 30_000,
        onWire: (request) => clock.track(request),
      },
      clock,
    ),
    executions: { isRunning: () => Promise.resolve(false) },
    settings: { ...defaultSettings, ...localAccounts, notify: 'never' },
    warn: (message) => process.stderr.write(`${message}\n`),
  },
});
await aws.close();

/** By key; compressed objects as Base64. No run reads a report. */
const objects = Object.fromEntries(
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile() && !/report\.html$|(^|\/)\./.test(name))
    .sort()
    .map((name) => [name, readFileSync(join(folder, name), name.endsWith('.gz') ? 'base64' : 'utf8')]),
);
writeFileSync(join(fixture, 'objects.json'), `${JSON.stringify(objects, null, 1)}\n`);
const commit = process.argv[2] ?? execFileSync('git', ['rev-parse', 'HEAD']).toString().trim();
writeFileSync(join(fixture, 'commit.txt'), `${commit}\n`);
