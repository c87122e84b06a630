import { Stack } from 'aws-cdk-lib/core';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { createHash } from 'node:crypto';
import { customerKey } from './customer-key.ts';
import type { Settings } from './settings.ts';

/** The SNS topic for alarms and the workflow's messages, with its subscribers. */
export class AuditTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { settings }: { readonly settings: Settings }) {
    super(scope, id);
    const masterKey = customerKey(this, settings);
    this.topic = new Topic(this, 'Topic', {
      displayName: 'IAM audit',
      enforceSSL: true,
      ...(masterKey === undefined ? {} : { masterKey }),
    });
    // This policy replaces the default policy of SNS, which allows the account's alarms to publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    for (const endpoint of settings.subscribers) {
      // The ID depends only on the subscriber, so removing one subscriber does not replace the others.
      const id = createHash('sha256').update(endpoint).digest('hex').slice(0, 12);
      const protocol = endpoint.startsWith('https://') ? SubscriptionProtocol.HTTPS : SubscriptionProtocol.EMAIL;
      new Subscription(this, `Subscriber${id}`, { topic: this.topic, endpoint, protocol });
    }
  }
}
