import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/** The key of `kmsKeyArn` as constructs take it; its policy is not the stack's to change. */
export const customerKey = (scope: Construct, { kmsKeyArn }: Settings): IKey | undefined =>
  kmsKeyArn === undefined ? undefined : Key.fromKeyArn(scope, 'Key', kmsKeyArn);
