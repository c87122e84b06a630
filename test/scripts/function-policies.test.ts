import { FunctionPolicies, s3Permissions } from '../../scripts/deploy-test/function-policies.ts';

describe('permissions that a request to S3 needs', () => {
  const permissions = (method: string, path: string, query = '', ifMatch = false): string[] =>
    s3Permissions({ method, path, query: new URLSearchParams(query), ifMatch }).map(
      ({ action, resource }) => `${action} ${resource}`,
    );

  test.each([
    ['GET', '/results', 'list-type=2', ['s3:ListBucket arn:aws:s3:::results']],
    ['HEAD', '/results/', '', ['s3:ListBucket arn:aws:s3:::results']],
    ['GET', '/results/latest.json', '', ['s3:GetObject arn:aws:s3:::results/latest.json']],
    ['HEAD', '/results/runs/r/run.json', '', ['s3:GetObject arn:aws:s3:::results/runs/r/run.json']],
    ['PUT', '/results/runs/r/run.json', '', ['s3:PutObject arn:aws:s3:::results/runs/r/run.json']],
    ['POST', '/results/runs/r/run.json', 'uploads', ['s3:PutObject arn:aws:s3:::results/runs/r/run.json']],
    ['DELETE', '/results/a', 'uploadId=1', ['s3:AbortMultipartUpload arn:aws:s3:::results/a']],
    ['DELETE', '/results/a', '', ['s3:DeleteObject arn:aws:s3:::results/a']],
    ['GET', '/results/a', 'uploadId=1', ['s3:ListMultipartUploadParts arn:aws:s3:::results/a']],
  ])('%s %s?%s', (method, path, query, expected) => {
    expect(permissions(method, path, query)).toEqual(expected);
  });

  test('a write with If-Match needs to read the object too', () => {
    expect(permissions('PUT', '/results/state/claim.json', '', true)).toEqual([
      's3:PutObject arn:aws:s3:::results/state/claim.json',
      's3:GetObject arn:aws:s3:::results/state/claim.json',
    ]);
  });

  test('a request that changes the bucket itself is allowed by no policy', () => {
    expect(permissions('POST', '/results', 'delete')).toEqual(['s3:POST on the bucket arn:aws:s3:::results']);
  });
});

describe('policies of functions in a template', () => {
  const policy = (role: string, ...Statement: unknown[]): unknown => ({
    Type: 'AWS::IAM::Policy',
    Properties: { Roles: [{ Ref: role }], PolicyDocument: { Statement } },
  });
  const lambda = (role: string): unknown => ({
    Type: 'AWS::Lambda::Function',
    Properties: { Role: { 'Fn::GetAtt': [role, 'Arn'] } },
  });
  const bucket = { 'Fn::GetAtt': ['ResultsBucket1', 'Arn'] };
  const template = {
    Resources: {
      Plan: lambda('PlanRole'),
      Batch: lambda('BatchRole'),
      PlanPolicy: policy('PlanRole', {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: [
          { 'Fn::Join': ['', [bucket, '/latest.json']] },
          { 'Fn::Join': ['', [bucket, '/runs/*/run.json']] },
          { 'Fn::Sub': 'arn:${AWS::Partition}:s3:::assets-${AWS::AccountId}-${AWS::Region}/list.json' },
        ],
      }),
      BatchPolicy: policy(
        'BatchRole',
        { Sid: 'List', Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket },
        { Effect: 'Allow', Action: ['sts:AssumeRole'], Resource: 'arn:aws:iam::*:role/member' },
      ),
    },
  };
  const ids = new Map([
    ['Plan', 'Stack-Plan-1'],
    ['Batch', 'Stack-Batch-2'],
    ['ResultsBucket1', 'results-3'],
  ]);
  const policies = new FunctionPolicies(template, ids);
  const allows = (functionName: string, action: string, resource: string | null): boolean =>
    policies.allows({ functionName, action, resource });

  test('functions are identified by their physical names', () => {
    expect(policies.functions).toEqual(['Stack-Plan-1', 'Stack-Batch-2']);
  });

  test.each([
    ['Stack-Plan-1', 's3:GetObject', 'arn:aws:s3:::results-3/latest.json', true],
    ['Stack-Plan-1', 's3:GetObject', 'arn:aws:s3:::results-3/runs/a/b/run.json', true],
    ['Stack-Plan-1', 's3:GetObject', 'arn:aws:s3:::results-3/latestXjson', false],
    ['Stack-Plan-1', 's3:GetObject', 'arn:aws:s3:::another/latest.json', false],
    ['Stack-Plan-1', 's3:GetObject', 'arn:aws:s3:::assets-111122223333-us-east-1/list.json', true],
    ['Stack-Plan-1', 's3:GetObject', 'arn:aws:s3:::assets-111122223333-us-east-1/other.json', false],
    ['Stack-Plan-1', 's3:PutObject', 'arn:aws:s3:::results-3/latest.json', false],
    ['Stack-Plan-1', 's3:ListBucket', 'arn:aws:s3:::results-3', false],
    ['Stack-Batch-2', 's3:ListBucket', 'arn:aws:s3:::results-3', true],
    ['Stack-Batch-2', 's3:GetObject', 'arn:aws:s3:::results-3/latest.json', false],
    ['Stack-Batch-2', 'sts:AssumeRole', null, true],
    ['Stack-Plan-1', 'sts:AssumeRole', null, false],
    ['Another', 's3:ListBucket', 'arn:aws:s3:::results-3', false],
  ])('%s %s %s: %s', (functionName, action, resource, expected) => {
    expect(allows(functionName, action, resource)).toBe(expected);
  });

  test('a statement with a condition is refused, because it is not evaluated', () => {
    const conditional = {
      Resources: {
        Plan: lambda('PlanRole'),
        Policy: policy('PlanRole', { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: {} }),
      },
    };
    expect(() => new FunctionPolicies(conditional, ids)).toThrow('Condition');
  });
});
