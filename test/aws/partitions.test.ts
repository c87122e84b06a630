import { IAMClient } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { STSClient } from '@aws-sdk/client-sts';

/** The SDK's own rules for a Region: the audit uses their endpoints and signing Regions. */
test.each([
  ['us-east-1', 'iam.amazonaws.com', 'us-east-1', 'sts.us-east-1.amazonaws.com'],
  ['eu-central-1', 'iam.amazonaws.com', 'us-east-1', 'sts.eu-central-1.amazonaws.com'],
  ['us-gov-east-1', 'iam.us-gov.amazonaws.com', 'us-gov-west-1', 'sts.us-gov-east-1.amazonaws.com'],
  ['cn-northwest-1', 'iam.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'sts.cn-northwest-1.amazonaws.com.cn'],
])('from %s IAM is %s, signed for %s, and STS is Regional', (region, iamHost, signingRegion, stsHost) => {
  const iam = new IAMClient({ region }).config.endpointProvider({ Region: region });
  expect(iam.url.host).toBe(iamHost);
  expect(iam.properties?.authSchemes).toEqual([expect.objectContaining({ signingRegion })]);
  const sts = new STSClient({ region }).config.endpointProvider({ Region: region, UseGlobalEndpoint: false });
  expect(sts.url.host).toBe(stsHost);
});

test.each([
  ['eu-central-1', 'organizations.us-east-1.amazonaws.com', 'us-east-1'],
  ['us-gov-east-1', 'organizations.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
  ['cn-north-1', 'organizations.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1'],
])('from %s Organizations is %s, signed for %s', (region, host, signingRegion) => {
  const found = new OrganizationsClient({ region }).config.endpointProvider({ Region: region });
  expect(found.url.host).toBe(host);
  expect(found.properties?.authSchemes).toEqual([expect.objectContaining({ signingRegion })]);
});
