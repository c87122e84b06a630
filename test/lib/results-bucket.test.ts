import { Match } from 'aws-cdk-lib/assertions';
import { KEY, list, resourcesOf, resourcesOfType, statementsOf, templateOf, type Json } from '../support/template.ts';

const template = templateOf();

describe('the results bucket', () => {
  test('is private, encrypted, versioned, owned by its account, and outlives the stack', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        VersioningConfiguration: { Status: 'Enabled' },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      },
    });
  });

  test('lets nobody in without TLS', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test('forgets runs, tables and old versions when the settings say so, and broken uploads after a day', () => {
    const retention = { runDays: 10, tableDays: 20, oldVersionDays: 30 };
    templateOf({ retention }).hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          Match.objectLike({ Prefix: 'runs/', ExpirationInDays: 10 }),
          Match.objectLike({ Prefix: 'tables/', ExpirationInDays: 20 }),
          Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 30 } }),
          Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
        ]),
      },
    });
  });

  test('keeps its policy when the stack is deleted', () => {
    template.hasResource('AWS::S3::BucketPolicy', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });
});

describe('an adopted bucket', () => {
  const adopted = templateOf({ resultsBucketName: 'audit-results', kmsKeyArn: KEY });
  const arn = (key: string): object => ({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::audit-results${key}`]],
  });

  test('is not made, and nothing about it is changed', () => {
    const types = resourcesOf(adopted).map(([, { Type }]) => Type);
    expect(types.filter((type) => type.startsWith('AWS::S3::'))).toEqual([]);
  });

  test('is what every grant, every function, the reader and the output name', () => {
    const policies = resourcesOfType('AWS::IAM::Policy', adopted);
    const s3 = policies.flatMap(({ Properties }) =>
      statementsOf(Properties.PolicyDocument).filter(({ Action }) =>
        list(Action).some((name) => name.startsWith('s3:')),
      ),
    );
    // Five functions read, write and list; the workflow's reader reads.
    expect(s3).toHaveLength(16);
    for (const { Resource } of s3) {
      for (const resource of [Resource].flat()) expect(JSON.stringify(resource)).toContain(':s3:::audit-results');
    }
    expect(s3.map(({ Resource }) => Resource)).toContainEqual(arn('/runs/*/accounts.jsonl'));
    for (const { Properties } of resourcesOfType('AWS::Lambda::Function', adopted)) {
      expect((Properties.Environment as { Variables: Json }).Variables.RESULTS_BUCKET).toBe('audit-results');
    }
    const [machine] = resourcesOfType('AWS::StepFunctions::StateMachine', adopted);
    expect(JSON.stringify(machine!.Properties.DefinitionString)).toContain(
      '"Arguments\\":{\\"Bucket\\":\\"audit-results\\"',
    );
    expect(adopted.findOutputs('ResultsBucketName').ResultsBucketName).toMatchObject({ Value: 'audit-results' });
  });
});
