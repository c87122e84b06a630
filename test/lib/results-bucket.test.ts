import { Match } from 'aws-cdk-lib/assertions';
import { KEY, list, resourcesOf, resourcesOfType, statementsOf, templateOf, type Json } from '../support/template.ts';

const template = templateOf();

describe('the results bucket', () => {
  test('is private, encrypted, versioned, owned by its account, and kept when the stack is deleted', () => {
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

  test('denies requests without TLS', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test('expires runs, tables and old versions as in the settings, and incomplete uploads after a day', () => {
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

describe('an existing bucket', () => {
  const adopted = templateOf({ resultsBucketName: 'audit-results', kmsKeyArn: KEY });
  const arn = (key: string): object => ({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::audit-results${key}`]],
  });

  test('is neither created nor changed', () => {
    const types = resourcesOf(adopted).map(([, { Type }]) => Type);
    expect(types.filter((type) => type.startsWith('AWS::S3::'))).toEqual([]);
  });

  test('is used in every policy, every function, the item reader and the output', () => {
    const policies = resourcesOfType('AWS::IAM::Policy', adopted);
    const s3 = policies.flatMap(({ Properties }) =>
      statementsOf(Properties.PolicyDocument).filter(({ Action }) =>
        list(Action).some((name) => name.startsWith('s3:')),
      ),
    );
    // Five functions read, write and list; the workflow's item reader reads.
    expect(s3).toHaveLength(21);
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
