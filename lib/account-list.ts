import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';

/**
 * The accounts of the setting `accounts`, as an object that `cdk deploy` uploads to the bucket of the bootstrap stack: a
 * function's environment has room for about 250 account IDs. A changed list is another object, so a rollback of the stack
 * brings back the list.
 */
export class AccountList extends Construct {
  /** `s3://bucket/key`: a JSON list of account IDs. */
  readonly address: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, { accountIds }: { readonly accountIds: readonly string[] }) {
    super(scope, id);
    const path = join(mkdtempSync(join(tmpdir(), 'iam-audit-accounts-')), 'accounts.json');
    writeFileSync(path, `${JSON.stringify(accountIds)}\n`);
    const asset = new Asset(this, 'Object', { path });
    this.address = asset.s3ObjectUrl;
    this.arn = asset.bucket.arnForObjects(asset.s3ObjectKey);
  }
}
