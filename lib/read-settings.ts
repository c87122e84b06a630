import leven from 'leven';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { environmentBytes, MOST_ENVIRONMENT_BYTES } from './function-environment.ts';
import { settingGroups, Settings } from './settings.ts';

/** The one key of the CDK context under which everything is set. */
export const SETTINGS_KEY = 'iamAudit';

export class SettingsError extends Error {
  override name = 'SettingsError';
}

/**
 * Reads the settings from the CDK context's value: an object, JSON text, or the path of a JSON file.
 * @throws SettingsError naming each field, what was wrong and what would be right
 */
export function parseSettings(value: unknown): Settings {
  const content = contentOf(value);
  if (Array.isArray(content)) throw new SettingsError('The settings must be an object of settings, and were a list.');
  const parsed = v.safeParse(Settings, content);
  if (parsed.success) return check(parsed.output);
  throw new SettingsError(`The settings are not valid. ${parsed.issues.map(sentence).join(' ')}`);
}

/** A role's name has 64 characters: the longest role, the longest Region and two hyphens leave so many. */
const MOST_PREFIX_AND_STACK = 64 - 'summarise-account'.length - 'us-isof-south-1'.length - 2;

/** What only several settings together make wrong. */
function check(settings: Settings): Settings {
  const wrong = (message: string): never => {
    throw new SettingsError(`The settings are not valid. ${message}`);
  };
  if (settings.accountIds !== undefined && settings.memberRoleName === undefined) {
    wrong('memberRoleName: must name the role to assume in each account of accountIds, and is missing.');
  }
  const { missedAfterHours, flexibleWindowMinutes } = settings.schedule;
  // A day is run once: successes lie a day, the window and the run itself apart.
  const least = 25 + Math.ceil(flexibleWindowMinutes / 60);
  if (missedAfterHours > 0 && missedAfterHours < least) {
    wrong(
      `schedule.missedAfterHours: must be 0 or at least ${least} with a window of ${flexibleWindowMinutes} minutes, and was ${missedAfterHours}.`,
    );
  }
  const { roleNamePrefix, stackName, rolePath, vpc } = settings;
  if (roleNamePrefix !== undefined && roleNamePrefix.length + stackName.length > MOST_PREFIX_AND_STACK) {
    wrong(
      `roleNamePrefix: must have at most ${MOST_PREFIX_AND_STACK} characters together with stackName, because a role's name has 64, and "${roleNamePrefix}" and "${stackName}" have ${roleNamePrefix.length + stackName.length}.`,
    );
  }
  if (rolePath === '/' && roleNamePrefix === undefined) {
    wrong('rolePath: must not be "/" without roleNamePrefix: trust policies could not tell these roles from others.');
  }
  const bytes = environmentBytes(settings);
  if (bytes > MOST_ENVIRONMENT_BYTES) {
    wrong(
      `accountIds, memberRoleName and externalId: must be shorter together, because AWS Lambda takes ${MOST_ENVIRONMENT_BYTES} bytes of environment, and these settings make ${bytes}.`,
    );
  }
  if (vpc?.endpoints === true && vpc.routeTableIds === undefined) {
    wrong('vpc.routeTableIds: must name the route tables of the subnets with vpc.endpoints, and is missing.');
  }
  if (vpc?.endpoints === false && vpc.routeTableIds !== undefined) {
    wrong('vpc.routeTableIds: must be left out without vpc.endpoints, where nothing is done with it.');
  }
  return settings;
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
        `The settings can't be read from the file "${value}" (${reason}). ${SETTINGS_KEY} must be an object, JSON text, or the path of a JSON file.`,
      );
    }
  }
  try {
    const content: unknown = JSON.parse(source);
    return content;
  } catch (error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`The settings${isJson ? '' : ` in "${value}"`} are no JSON: ${reason}.`);
  }
}

/** What is right, where the schema's own message does not say it. */
const rightByType: Readonly<Record<string, string>> = {
  array: 'must be a list in square brackets',
  strict_object: 'must be an object of settings',
  string: 'must be text in quotes',
};

const MOST_SHOWN = 80;

/** A wrong value as it stands in the settings, cut where it is long. */
function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}

/** Where a setting stands. A key that is no plain name, as of a tag, is in brackets. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'string' && /^\w+$/.test(key)) return path === '' ? key : `${path}.${key}`;
    return `${path}[${JSON.stringify(key)}]`;
  }, '');
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const path = pathOf(issue) || 'the settings';
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `${path}: must be set, and is missing.`;
  if (issue.expected !== 'never') {
    const right = issue.message.startsWith('must') ? issue.message : (rightByType[issue.type] ?? issue.message);
    return `${path}: ${right}, and was ${shown(issue.input)}.`;
  }
  const parent = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
  const name = path.slice(parent === '' ? 0 : parent.length + 1);
  const group = Object.entries(settingGroups).find(([key]) => key === parent)?.[1];
  const known = Object.keys((group ?? Settings).entries);
  const [nearest] = [...known].sort((a, b) => leven(a, name) - leven(b, name));
  return `${path}: there is no such setting; did you mean ${parent === '' ? '' : `${parent}.`}${nearest ?? ''}?`;
}
