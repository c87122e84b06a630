import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/** The key of `kmsKeyArn`. It is imported, so the stack does not change its key policy. */
export const customerKey = (scope: Construct, { kmsKeyArn }: Settings): IKey | undefined =>
  kmsKeyArn === undefined ? undefined : Key.fromKeyArn(scope, 'Key', kmsKeyArn);
