import { requiredResources } from '../../../core/access/paths/required-resources.ts';
import { requiredResources as readRequiredResources } from '../../../scripts/required-resources.ts';
import { allow, document, inline, trustOf } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223333';
const pass = allow('iam:PassRole', `arn:aws:iam::${ID}:role/*`);
const account = (...statements: Parameters<typeof inline>) => ({
  id: ID,
  users: [{ name: 'u', inline: inline(...statements, pass) }],
  roles: [
    { name: 'engine', trust: trustOf({ Service: 'lambda.amazonaws.com' }), inline: inline(allow('*')) },
    {
      name: 'machine',
      trust: trustOf({ Service: 'ec2.amazonaws.com' }),
      inline: inline(allow('*')),
      instanceProfiles: ['m'],
    },
  ],
});

const techniques = async (...statements: Parameters<typeof inline>): Promise<string[]> => {
  const { graph } = await scanned(account(...statements));
  return graph.pathsFrom(`arn:aws:iam::${ID}:user/u`).map(({ hops }) => hops[0]?.way.path.id ?? '');
};

const functions = (name: string, region = '*'): string => `arn:aws:lambda:${region}:${ID}:function:${name}`;
const deny = (Action: string, Resource: string) => ({ ...allow(Action, Resource), Effect: 'Deny' });
const create = (resource: string) => allow('lambda:CreateFunction', resource);
const invoke = (resource: string) => allow('lambda:InvokeFunction', resource);

describe('the resources of a request', () => {
  test.each<[string, Parameters<typeof inline>, boolean]>([
    ['all', [create('*'), invoke('*')], true],
    ['one function', [create(functions('a')), invoke(functions('a'))], true],
    ['one function of those with a prefix', [create(functions('app-*')), invoke(functions('app-x'))], true],
    ['names with a prefix and with a suffix', [create(functions('app-*')), invoke(functions('*-prod'))], true],
    ['different functions', [create(functions('a')), invoke(functions('b'))], false],
    ['different Regions', [create(functions('*', 'eu-west-1')), invoke(functions('*', 'us-east-1'))], false],
    [
      'a type that the action has, but does not suffice',
      [create(`arn:aws:lambda:*:${ID}:layer:*`), invoke('*')],
      false,
    ],
    ['a resource of another service', [create('arn:aws:s3:::x'), invoke('*')], false],
    ['denied for every function', [create('*'), invoke('*'), deny('lambda:CreateFunction', functions('*'))], false],
    ['denied for some functions', [create('*'), invoke('*'), deny('lambda:CreateFunction', functions('p-*'))], true],
    ['denied in a Region', [create('*'), invoke('*'), deny('lambda:*', functions('*', 'us-east-1'))], true],
  ])('creating and invoking a function: %s', async (_name, statements, isThere) => {
    expect((await techniques(...statements)).includes('lambda-001')).toBe(isThere);
  });

  test('a service control policy that denies every function closes the way', async () => {
    const scp = JSON.parse(
      JSON.stringify(document(deny('lambda:CreateFunction', functions('*').replace(ID, '*')))),
    ) as object;
    const { graph } = await scanned({
      ...account(create('*'), invoke('*')),
      scps: [[document(allow('*')), scp]],
    });
    expect(graph.pathsFrom(`arn:aws:iam::${ID}:user/u`)).toEqual([]);
  });

  test('an action with several types needs all of them', async () => {
    const document = allow('ssm:SendCommand', 'arn:aws:ssm:*:*:document/AWS-RunShellScript');
    const instance = allow('ssm:SendCommand', 'arn:aws:ec2:*:*:instance/*');
    expect(await techniques(document)).toEqual([]);
    expect(await techniques(instance)).toEqual([]);
    expect(await techniques(document, instance)).not.toEqual([]);
    expect(await techniques(allow('ec2:RunInstances', 'arn:aws:ec2:*::image/*'))).toEqual([]);
  });
});

test('the required resources are those of the Service Authorization Reference', async () => {
  expect(requiredResources).toEqual(Object.fromEntries(await readRequiredResources()));
});
