import { iamReadReasons, iamReads } from '../contract/permissions.ts';
import { memberRole, type MemberRole, type MemberRoleOptions, type TrustStatement } from './member-role.ts';

const NAME = 'iam_audit_member';

/** The member role's configuration for Terraform. It can be applied in every partition. */
export function terraformConfiguration(options: MemberRoleOptions): string {
  const role = memberRole(options, {
    partition: '${data.aws_partition.current.partition}',
    accountId: '${data.aws_caller_identity.current.account_id}',
  });
  const blocks = [
    'data "aws_partition" "current" {}',
    ...(role.boundaryArn === undefined ? [] : ['data "aws_caller_identity" "current" {}']),
    trustDocument(role),
    readDocument(role),
    roleResource(role),
    policyResource(role),
    `output "${NAME}_role_arn" {
  description = "ARN of the role that iam-audit assumes"
  value       = aws_iam_role.${NAME}.arn
}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function trustDocument({ trustPolicy }: MemberRole): string {
  const statements = trustPolicy.Statement.map(trustStatement);
  return `data "aws_iam_policy_document" "${NAME}_trust" {
${statements.join('\n\n')}
}`;
}

function trustStatement({ Sid, Principal, Action, Condition }: TrustStatement): string {
  const conditions = Object.entries(Condition).flatMap(([test, values]) =>
    Object.entries(values).map(
      ([variable, wanted]) => `
    condition {
      test     = ${quoted(test)}
      variable = ${quoted(variable)}
      ${attribute('values  ', [wanted].flat())}
    }
`,
    ),
  );
  return `  statement {
    sid     = ${quoted(Sid)}
    actions = ${list([Action].flat())}

    principals {
      type        = "AWS"
      identifiers = ${list([Principal.AWS])}
    }
${conditions.join('')}  }`;
}

function readDocument({ policy }: MemberRole): string {
  const [{ Sid, Resource }] = policy.Statement;
  const actions = iamReads.map((action) => `      # ${iamReadReasons[action]}\n      ${quoted(action)},`);
  return `data "aws_iam_policy_document" "${NAME}_reads" {
  statement {
    sid = ${quoted(Sid)}
    actions = [
${actions.join('\n')}
    ]
    resources = ${list([Resource])}
  }
}`;
}

function roleResource({ name, path, description, maxSessionSeconds, boundaryArn, tags }: MemberRole): string {
  const boundary = boundaryArn === undefined ? '' : `\n  permissions_boundary = ${quoted(boundaryArn)}`;
  const keys = Object.keys(tags).map(quoted);
  const width = Math.max(0, ...keys.map((key) => key.length));
  const tagLines = Object.entries(tags).map(([key, value]) => `    ${quoted(key).padEnd(width)} = ${quoted(value)}`);
  return `resource "aws_iam_role" "${NAME}" {
  name                 = ${quoted(name)}
  path                 = ${quoted(path)}
  description          = ${quoted(description)}
  max_session_duration = ${maxSessionSeconds}
  assume_role_policy   = data.aws_iam_policy_document.${NAME}_trust.json${boundary}
${tagLines.length === 0 ? '' : `\n  tags = {\n${tagLines.join('\n')}\n  }\n`}}`;
}

const policyResource = ({ policyName }: MemberRole): string => `resource "aws_iam_role_policy" "${NAME}_reads" {
  name   = ${quoted(policyName)}
  role   = aws_iam_role.${NAME}.id
  policy = data.aws_iam_policy_document.${NAME}_reads.json
}`;

/** Text in quotes. `${` begins a reference; no other text of the role can contain `${` or `%{`. */
const quoted = (text: string): string => JSON.stringify(text);

const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(', ')}]`;

/** A list of one text on the line of its name, a longer one on lines of its own, as `terraform fmt` writes them. */
const attribute = (name: string, texts: readonly string[]): string =>
  texts.length === 1
    ? `${name} = ${list(texts)}`
    : `${name.trimEnd()} = [\n${texts.map((text) => `        ${quoted(text)},`).join('\n')}\n      ]`;
