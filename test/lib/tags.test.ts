import { CfnResource, TagManager } from 'aws-cdk-lib/core';
import { Template } from 'aws-cdk-lib/assertions';
import { auditApp } from '../../lib/audit-app.ts';
import { resourcesOf, VPC_WITH_ENDPOINTS } from '../support/template.ts';

const tags = { Team: 'security', 'cost/center': '12 34' };

/** Types that do not support tags in CloudFormation. */
const UNTAGGED = [
  'AWS::Athena::NamedQuery',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
];

test('the stack and every resource that supports tags have the tags', () => {
  const { app, stack } = auditApp({
    bundle: false,
    validate: false,
    settings: { tags, subscribers: ['team@example.com'], vpc: VPC_WITH_ENDPOINTS },
  });
  const resources = resourcesOf(Template.fromStack(stack));
  const untagged = new Set<string>();
  for (const [id, { Type, Properties }] of resources) {
    const given = Properties.Tags as { Key: string; Value: string }[] | Record<string, string> | undefined;
    if (given === undefined) untagged.add(Type);
    else {
      const found = Array.isArray(given) ? Object.fromEntries(given.map(({ Key, Value }) => [Key, Value])) : given;
      expect([id, found]).toEqual([id, tags]);
    }
  }
  expect([...untagged].sort()).toEqual(UNTAGGED);
  expect(app.synth().getStackByName('IamAudit').tags).toEqual(tags);
});

test('the types without tags are those without tags in CDK', () => {
  const { stack } = auditApp({ bundle: false, validate: false, settings: { subscribers: ['team@example.com'] } });
  const types = stack.node
    .findAll()
    .filter((construct): construct is CfnResource => CfnResource.isCfnResource(construct))
    .filter((resource) => TagManager.of(resource) === undefined)
    .map(({ cfnResourceType }) => cfnResourceType)
    .filter((type) => type !== 'AWS::CDK::Metadata');
  expect([...new Set(types)].sort()).toEqual(UNTAGGED);
});
