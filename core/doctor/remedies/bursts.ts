import type { Remedy } from '../../contract/doctor/diagnosis.ts';
import { adviceForAws, remedyForControllers } from './callers-without-code.ts';
import { listed } from '../../wording/wording.ts';
import { counted } from '../questions/numbers.ts';
import { INFRASTRUCTURE } from './backoff.ts';
import type { RemedyContext } from './context.ts';
import { isReplaced } from '../operations/replaced-reads.ts';
import { isInfrastructure, withoutUnusedVariables } from './retry-examples.ts';
import { exampleTitles, type Examples, selectExamples } from './select-examples.ts';

const READ_AT_ONCE =
  'read the account with GetAccountAuthorizationDetails, which returns up to 1,000 users, roles, groups and policies in one call';
const READS = /^iam:(?:Get|List|Simulate|Generate)/;
const STORE = 'Store the answers for the rest of the job, and start such jobs at different times.';

/** Operations in the text, in the form in which IAM names them. Other texts of the logs are left out. */
const named = (operations: readonly string[]): string =>
  listed(operations.flatMap((operation) => /^iam:([A-Z][A-Za-z]{1,63})$/.exec(operation)?.[1] ?? []));

const operationsOf = ({ operation, operations }: RemedyContext): readonly string[] =>
  operations ?? (operation === undefined || operation === null ? [] : [operation]);

/** A program that also writes needs the answer of each read at that time. */
const replacesSome = (operations: readonly string[]): boolean =>
  operations.length === 0 || (operations.some(isReplaced) && operations.every((one) => READS.test(one)));

/** GetAccountAuthorizationDetails is advised only for the operations that it replaces. */
function spreadInWords(context: RemedyContext): string {
  const operations = operationsOf(context);
  const replaced = operations.filter(isReplaced);
  const others = named(operations.filter((operation) => !isReplaced(operation)));
  if (!replacesSome(operations)) return 'Spread the calls over a longer time.';
  if (others === '') return `Spread the calls: ${READ_AT_ONCE}, instead of a Get call for each of them.`;
  return `Spread the calls: ${READ_AT_ONCE}, instead of calling ${named(replaced)} for each of them. It does not replace the calls to ${others}: spread these over a longer time.`;
}

/** Half of the rate that AWS served, so that other callers have the other half. In milliseconds. */
const waitOf = ({ servedPerSecond }: RemedyContext): number | null =>
  servedPerSecond === undefined || servedPerSecond === null || servedPerSecond <= 0
    ? null
    : Math.max(10, 10 * Math.ceil(200 / servedPerSecond));

function waitInWords(context: RemedyContext): string {
  const wait = waitOf(context);
  if (wait === null) return 'Wait between the calls that remain.';
  const served = Math.round(10 * (context.servedPerSecond ?? 0)) / 10;
  const rate = Math.round(10_000 / wait) / 10;
  return `Wait ${wait / 1_000} seconds between the calls that remain (${rate} calls a second): while it throttled calls, AWS served ${served} calls a second under this limit to all callers together, and this leaves half of them to others.`;
}

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

/** If the rate is not known: 5 calls a second. */
const DEFAULT_WAIT = 200;

/** @param wait milliseconds */
const reads = (wait: number): Examples => ({
  javascript: `import { IAMClient, paginateGetAccountAuthorizationDetails } from '@aws-sdk/client-iam';
import { setTimeout } from 'node:timers/promises';

const iam = new IAMClient({ retryMode: 'adaptive', maxAttempts: 8 });
const roles = [];
for await (const page of paginateGetAccountAuthorizationDetails({ client: iam, pageSize: 1000 }, { Filter: ['Role'] })) {
  roles.push(...(page.RoleDetailList ?? []));
  await setTimeout(${wait});
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
    time.sleep(${wait / 1_000})`,
  java: `import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.EntityType;

IamClient iam = IamClient.builder().region(Region.AWS_GLOBAL).build();
for (var page : iam.getAccountAuthorizationDetailsPaginator(r -> r.filter(EntityType.ROLE).maxItems(1000))) {
  page.roleDetailList().forEach(role -> System.out.println(role.arn()));
  Thread.sleep(${wait});
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
		time.Sleep(${wait} * time.Millisecond)
	}
	return roles, nil
}`,
  cli: `# All roles with their policies, in few calls:
aws iam get-account-authorization-details --filter Role --page-size 1000 > roles.json

# The calls that remain, ${Math.round(10_000 / wait) / 10} a second:
for role in $(jq -r '.RoleDetailList[].RoleName' roles.json); do
  aws iam list-role-tags --role-name "$role"
  sleep ${wait / 1_000}
done`,
});

const terraform = `# Fewer calls at the same time (the default is 10):
terraform plan -parallelism=2`;
const pulumi = `# Fewer operations at the same time:
pulumi preview --parallel 2`;
const environment = `# For programs that may take longer
AWS_RETRY_MODE=adaptive
AWS_MAX_ATTEMPTS=8`;

/** The remedy for many reads of IAM in a short time. */
export const bursts = (context: RemedyContext): Remedy => {
  const aws = adviceForAws(context);
  if (aws !== null) return { text: aws, examples: [] };
  const controllers = remedyForControllers(context);
  if (controllers !== null) return controllers;
  const { clients } = context;
  const audit = { for: exampleTitles.audit, code: auditExample(context.spreadHours ?? SPREAD_HOURS) };
  const tools = new Set(clients.map(({ tool }) => tool));
  if (tools.has('iam-audit')) return { text: OWN_AUDIT, examples: [audit] };
  const own: Examples = { terraform, pulumi, environment };
  if (clients.length > 0 && clients.every(isInfrastructure)) {
    const examples = selectExamples((client) => withoutUnusedVariables(client, own), clients);
    return { text: INFRASTRUCTURE, examples };
  }
  const operations = operationsOf(context);
  const replaces = replacesSome(operations);
  const all: Examples = { ...(replaces ? reads(waitOf(context) ?? DEFAULT_WAIT) : {}), ...own };
  const isScanner = tools.has('prowler') || tools.has('steampipe') || tools.has('aws-nuke');
  return {
    text: [
      spreadInWords(context),
      waitInWords(context),
      STORE,
      isScanner ? SCANNER : null,
      clients.some(isInfrastructure) ? INFRASTRUCTURE : null,
      replaces ? SPREAD : null,
    ]
      .filter((sentence) => sentence !== null)
      .join(' '),
    examples: [
      ...selectExamples((client) => withoutUnusedVariables(client, all), clients),
      ...(replaces ? [audit] : []),
    ],
  };
};
