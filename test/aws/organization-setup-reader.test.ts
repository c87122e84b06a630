import { AWSOrganizationsNotInUseException, OrganizationsClient } from '@aws-sdk/client-organizations';
import { SdkOrganizationSetupReader } from '../../aws/organization-setup-reader.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';

const reader = new SdkOrganizationSetupReader({
  credentials: () => Promise.resolve({ accessKeyId: 'a', secretAccessKey: 'b' }),
  region: 'us-east-1',
});

let inputs: unknown[];
/** Answers every call of the client. */
function answer(response: object | Error): void {
  inputs = [];
  jest.spyOn(OrganizationsClient.prototype, 'send').mockImplementation((command: { input: unknown }) => {
    inputs.push(command.input);
    return (response instanceof Error ? Promise.reject(response) : Promise.resolve(response)) as never;
  });
}
afterEach(() => {
  jest.restoreAllMocks();
});

test('the organization with its management account; another set of features is not all of them', async () => {
  const Organization = { Id: 'o-1', MasterAccountId: '111122223333', FeatureSet: 'ALL' };
  answer({ Organization });
  expect(await reader.organization()).toEqual({
    organizationId: 'o-1',
    managementAccountId: '111122223333',
    allFeatures: true,
  });
  answer({ Organization: { ...Organization, FeatureSet: 'CONSOLIDATED_BILLING' } });
  expect(await reader.organization()).toMatchObject({ allFeatures: false });
});

test('an account in no organization is no failure, another error is', async () => {
  answer(new AWSOrganizationsNotInUseException({ message: 'none', $metadata: {} }));
  expect(await reader.organization()).toBeNull();
  answer(Object.assign(new Error('none'), { name: 'AccessDeniedException' }));
  await expect(reader.organization()).rejects.toThrow(AwsFault);
});

test.each([
  [
    'trusted services',
    { EnabledServicePrincipals: [{ ServicePrincipal: 'a' }] },
    (next: string | null) => reader.trustedServicesPage(next),
  ],
  [
    'delegated administrators',
    { DelegatedAdministrators: [{ Id: 'a' }] },
    (next: string | null) => reader.administratorsPage('service', next),
  ],
])('a page of %s says where the next one begins', async (_what, response, read) => {
  answer({ ...response, NextToken: 'more' });
  expect(await read(null)).toEqual({ items: ['a'], next: 'more' });
  answer(response);
  expect(await read('more')).toEqual({ items: ['a'], next: null });
  expect(inputs).toMatchObject([{ NextToken: 'more' }]);
  answer({});
  await expect(read(null)).rejects.toThrow('has no');
});
