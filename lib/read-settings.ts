import leven from 'leven';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { DEFAULT_MEMBER_ROLE_NAME } from '../core/member-role/member-role.ts';
import { environmentBytes, MAX_ENVIRONMENT_BYTES } from './function-environment.ts';
import { settingGroups } from './setting-groups.ts';
import { accountsOf, Settings } from './settings.ts';

/** The key of the CDK context that contains all settings. */
export const SETTINGS_KEY = 'iamAudit';

export class SettingsError extends Error {
  override name = 'SettingsError';
}

/**
 * Reads the settings from the value of the CDK context: an object, JSON text, or the path of a JSON file.
 * @throws SettingsError with each wrong setting, its value and the requirement
 */
export function parseSettings(value: unknown): Settings {
  const content = contentOf(value);
  if (Array.isArray(content)) throw new SettingsError('The settings must be an object of settings, but are a list.');
  const parsed = v.safeParse(Settings, content);
  if (parsed.success) return checkCombinations(withMemberRoleName(parsed.output));
  throw new SettingsError(`The settings are not valid. ${parsed.issues.map(issueMessage).join(' ')}`);
}

/** The role that the stack deploys is also the role that the functions assume. */
const withMemberRoleName = (settings: Settings): Settings =>
  settings.memberRole?.deploy === true ? { memberRoleName: DEFAULT_MEMBER_ROLE_NAME, ...settings } : settings;

/** The maximum length of a role's name, less the longest role, the longest Region and two hyphens. */
const MAX_PREFIX_AND_STACK = 64 - 'summarise-account'.length - 'us-isof-south-1'.length - 2;

/** Checks settings that depend on each other. */
function checkCombinations(settings: Settings): Settings {
  const fail = (message: string): never => {
    throw new SettingsError(`The settings are not valid. ${message}`);
  };
  checkAccounts(settings, fail);
  checkMemberRole(settings, fail);
  const { refreshEveryDays, refreshIdleEveryDays } = settings;
  if (refreshIdleEveryDays < refreshEveryDays) {
    fail(
      `refreshIdleEveryDays: must be at least refreshEveryDays, which is ${refreshEveryDays}, but is ${refreshIdleEveryDays}.`,
    );
  }
  const { missedAfterHours, flexibleWindowMinutes } = settings.schedule;
  // With one run per day, the time between two successful runs can be a day plus the flexible window plus the run’s duration.
  const least = 25 + Math.ceil(flexibleWindowMinutes / 60);
  if (missedAfterHours > 0 && missedAfterHours < least) {
    fail(
      `schedule.missedAfterHours: must be 0 or at least ${least} if flexibleWindowMinutes is ${flexibleWindowMinutes}, but is ${missedAfterHours}.`,
    );
  }
  const { roleNamePrefix, stackName, rolePath, vpc } = settings;
  if (roleNamePrefix !== undefined && roleNamePrefix.length + stackName.length > MAX_PREFIX_AND_STACK) {
    fail(
      `roleNamePrefix: must have at most ${MAX_PREFIX_AND_STACK} characters together with stackName, because a role's name has at most 64, but "${roleNamePrefix}" and "${stackName}" have ${roleNamePrefix.length + stackName.length}.`,
    );
  }
  if (rolePath === '/' && roleNamePrefix === undefined) {
    fail(
      'rolePath: must not be "/" without roleNamePrefix, because trust policies could not distinguish these roles from others.',
    );
  }
  const bytes = environmentBytes(settings);
  if (bytes > MAX_ENVIRONMENT_BYTES) {
    fail(
      `include, exclude, memberRoleName, externalId and sessionTags: must be shorter together, because the environment of a function has at most ${MAX_ENVIRONMENT_BYTES} bytes, but these settings need ${bytes}.`,
    );
  }
  if (vpc?.endpoints === true && vpc.routeTableIds === undefined) {
    fail('vpc.routeTableIds: is missing. With vpc.endpoints it must name the route tables of the subnets.');
  }
  if (vpc?.endpoints === false && vpc.routeTableIds !== undefined) {
    fail('vpc.routeTableIds: has no effect without vpc.endpoints. Remove it, or set vpc.endpoints to true.');
  }
  return settings;
}

function checkAccounts(settings: Settings, fail: (message: string) => never): void {
  const { accounts, accountIds, include, exclude, memberRoleName } = settings;
  if (accounts !== undefined && accountIds !== undefined) {
    fail('accountIds: must be left out if accounts is set. Both name the accounts to audit.');
  }
  const wanted = accountsOf(settings);
  if (wanted !== 'this' && memberRoleName === undefined) {
    const field = accountIds === undefined ? 'accounts' : 'accountIds';
    const value = wanted === 'organization' ? ` "${wanted}"` : '';
    fail(`memberRoleName: is missing. With ${field}${value} it must name the role to assume in each account.`);
  }
  const scope = include === undefined ? (exclude === undefined ? null : 'exclude') : 'include';
  if (scope !== null && wanted !== 'organization') {
    fail(`${scope}: has no effect unless accounts is "organization". Remove it, or set accounts.`);
  }
}

function checkMemberRole(settings: Settings, fail: (message: string) => never): void {
  const { memberRole, memberRoleName, externalId, sourceIdentity, sessionTags } = settings;
  const described = Object.entries({ externalId, sourceIdentity, sessionTags }).find(
    ([, value]) => value !== undefined,
  );
  if (described !== undefined && memberRoleName === undefined) {
    fail(`${described[0]}: has no effect without memberRoleName, because the functions then assume no role.`);
  }
  if (memberRole !== undefined && memberRole.deploy === undefined) {
    fail(
      'memberRole.deploy: is missing. Set it to true, or to false if the stack must not deploy the role: the other settings of memberRole then have no effect.',
    );
  }
  if (memberRole?.deploy !== true) return;
  if (memberRole.organizationId === undefined) {
    fail(
      'memberRole.organizationId: is missing. With memberRole.deploy it must be the ID of the organization. This command prints it: aws organizations describe-organization',
    );
  }
  if (memberRole.targets === undefined) {
    fail(
      'memberRole.targets: is missing. With memberRole.deploy it must name roots or organizational units. This command prints the ID of the root, which contains every account: aws organizations list-roots',
    );
  }
}

function contentOf(value: unknown): unknown {
  if (value === undefined) return {};
  if (typeof value !== 'string') return value;
  const isJson = /^\s*[{[]/.test(value);
  let source = value;
  if (!isJson) {
    try {
      source = readFileSync(value, 'utf8');
    } catch (error: unknown) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SettingsError(
        `The settings can't be read from the file "${value}" (${reason}). The value of ${SETTINGS_KEY} must be an object, JSON text, or the path of a JSON file.`,
      );
    }
  }
  try {
    const content: unknown = JSON.parse(source);
    return content;
  } catch (error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`The settings${isJson ? '' : ` in "${value}"`} are not valid JSON: ${reason}.`);
  }
}

/** The requirement for schemas without a message of their own. */
const requirementByType: Readonly<Record<string, string>> = {
  array: 'must be a list in square brackets',
  strict_object: 'must be an object of settings',
  string: 'must be text in quotes',
};

const MAX_SHOWN_LENGTH = 80;

/** A wrong value as JSON; a long value is truncated. */
function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH)}…`;
}

/** The path of a setting. An index, or a key with special characters such as a tag's, is in brackets. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'string' && /^\w+$/.test(key)) return path === '' ? key : `${path}.${key}`;
    return `${path}[${JSON.stringify(key)}]`;
  }, '');
}

function issueMessage(issue: v.BaseIssue<unknown>): string {
  const path = pathOf(issue) || 'the settings';
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `${path}: is missing, but required.`;
  if (issue.expected !== 'never') {
    const requirement = issue.message.startsWith('must')
      ? issue.message
      : (requirementByType[issue.type] ?? issue.message);
    return `${path}: ${requirement}, but is ${shown(issue.input)}.`;
  }
  const parent = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
  const name = path.slice(parent === '' ? 0 : parent.length + 1);
  const group = Object.entries(settingGroups).find(([key]) => key === parent)?.[1];
  const names = Object.keys((group ?? Settings).entries);
  const [nearest] = names.sort((a, b) => leven(a, name) - leven(b, name));
  return `${path}: there is no such setting. Did you mean ${parent === '' ? '' : `${parent}.`}${nearest ?? ''}?`;
}
