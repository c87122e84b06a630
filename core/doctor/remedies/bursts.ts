import type { Remedy } from '../../contract/doctor/diagnosis.ts';
import { counted } from '../questions/numbers.ts';
import { adviceForAws } from './aws-callers.ts';
import type { RemedyContext } from './context.ts';
import { exampleTitles, type Examples, selectExamples } from './select-examples.ts';

const TEXT =
  'Spread the calls: read the account with GetAccountAuthorizationDetails, which returns up to 1,000 users, roles, groups and policies in one call, instead of a Get call for each of them. Store the answers for the rest of the job, wait 0.2 seconds between the calls that remain (5 calls a second), and start such jobs at different times.';
const SPREAD =
  'iam-audit itself paces its calls, spreads them over the time that you set, and does not request data again that cannot have changed.';
const OWN_AUDIT =
  'The user agent of this caller is that of iam-audit. If it is this audit, spread it over a longer time, or lower its share of the rate: use --spread-over, --rate-share and --max-rate, or the settings schedule.spreadOverMinutes, rateShare and maxRate.';
const SCANNER = 'Run the scanner at a time when nothing else depends on IAM, and do not scan all accounts at once.';

/** The default of the threshold burstSpreadHours. */
const SPREAD_HOURS = 6;
/** Maximum of --spread-over. */
const MOST_MINUTES = 1_440;

/** The time is the one that the diagnosis of a burst names. */
function auditExample(hours: number): string {
  const minutes = Math.min(Math.max(Math.round(60 * hours), 1), MOST_MINUTES);
  const time = minutes % 60 === 0 ? counted(minutes / 60, 'hour') : counted(minutes, 'minute');
  return `# Spread over ${time}, with at most half of the rate that IAM allows:
npx iam-audit run --spread-over ${minutes} --rate-share 0.5`;
}

const examples: Examples = {
  javascript: `import { IAMClient, paginateGetAccountAuthorizationDetails } from '@aws-sdk/client-iam';
import { setTimeout } from 'node:timers/promises';

const iam = new IAMClient({ retryMode: 'adaptive', maxAttempts: 8 });
const roles = [];
for await (const page of paginateGetAccountAuthorizationDetails({ client: iam, pageSize: 1000 }, { Filter: ['Role'] })) {
  roles.push(...(page.RoleDetailList ?? []));
  await setTimeout(200);
}`,
  python: `import time

import boto3
from botocore.config import Config

iam = boto3.client("iam", config=Config(retries={"mode": "adaptive", "total_max_attempts": 8}))
pages = iam.get_paginator("get_account_authorization_details").paginate(
    Filter=["Role"], PaginationConfig={"PageSize": 1000}
)
roles = []
for page in pages:
    roles.extend(page["RoleDetailList"])
    time.sleep(0.2)`,
  java: `import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.EntityType;

IamClient iam = IamClient.builder().region(Region.AWS_GLOBAL).build();
for (var page : iam.getAccountAuthorizationDetailsPaginator(r -> r.filter(EntityType.ROLE).maxItems(1000))) {
  page.roleDetailList().forEach(role -> System.out.println(role.arn()));
  Thread.sleep(200);
}`,
  go: `import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func readRoles(ctx context.Context, client *iam.Client) ([]types.RoleDetail, error) {
	var roles []types.RoleDetail
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(client, &iam.GetAccountAuthorizationDetailsInput{
		Filter:   []types.EntityType{types.EntityTypeRole},
		MaxItems: aws.Int32(1000),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		roles = append(roles, page.RoleDetailList...)
		time.Sleep(200 * time.Millisecond)
	}
	return roles, nil
}`,
  cli: `# All roles with their policies, in few calls:
aws iam get-account-authorization-details --filter Role --page-size 1000 > roles.json

# The calls that remain, 5 a second:
for role in $(jq -r '.RoleDetailList[].RoleName' roles.json); do
  aws iam list-role-tags --role-name "$role"
  sleep 0.2
done`,
  terraform: `# Fewer calls at the same time (the default is 10):
terraform plan -parallelism=2`,
  environment: `# For programs that may take longer
AWS_RETRY_MODE=adaptive
AWS_MAX_ATTEMPTS=8`,
};

/** The remedy for many reads of IAM in a short time. */
export const bursts = (context: RemedyContext): Remedy => {
  const aws = adviceForAws(context);
  if (aws !== null) return { text: aws, examples: [] };
  const audit = { for: exampleTitles.audit, code: auditExample(context.spreadHours ?? SPREAD_HOURS) };
  const tools = new Set(context.clients.map(({ tool }) => tool));
  if (tools.has('iam-audit')) return { text: OWN_AUDIT, examples: [audit] };
  const isScanner = tools.has('prowler') || tools.has('steampipe') || tools.has('aws-nuke');
  return {
    text: [TEXT, isScanner ? SCANNER : null, SPREAD].filter((sentence) => sentence !== null).join(' '),
    examples: [...selectExamples(examples, context.clients), audit],
  };
};
