import { Document, isScalar, isSeq } from 'yaml';
import { iamReadReasons, iamReads } from '../core/contract/permissions.ts';
import type { Tags } from '../core/member-role/iam-values.ts';
import { cloudFormationTemplate } from '../core/member-role/cloudformation.ts';
import { trustPolicyWarning, type MemberRoleOptions } from '../core/member-role/member-role.ts';
import { MAX_SCP_CHARACTERS, protectionText } from '../core/member-role/protection.ts';
import { terraformConfiguration } from '../core/member-role/terraform.ts';
import type { AwsOptions } from './aws-credentials.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printJson, say } from './output.ts';

export interface MemberTemplateOptions extends AwsOptions {
  readonly format: 'cloudformation' | 'terraform';
  readonly json: boolean;
  /** Required for a template. */
  readonly hubAccount?: string;
  readonly organizationId?: string;
  readonly externalId?: string;
  readonly allowSourceIdentity: boolean;
  readonly allowSessionTags: boolean;
  readonly roleName: string;
  readonly rolePath: string;
  readonly roleNamePrefix?: string;
  readonly trustedPrincipal: readonly string[];
  readonly permissionsBoundary?: string;
  readonly tag: Tags;
  readonly scp: boolean;
  readonly exempt: readonly string[];
  readonly check: boolean;
}

/** Prints the template of the member role, or with `--scp` the policy that protects the role. */
export function memberTemplate(options: MemberTemplateOptions): ExitCode {
  if (options.scp) return printProtection(options);
  const role: MemberRoleOptions = {
    hubAccountId: options.hubAccount ?? '',
    hubRolePath: options.rolePath,
    hubRoleNamePrefix: options.roleNamePrefix,
    organizationId: options.organizationId,
    externalId: options.externalId,
    allowsSourceIdentity: options.allowSourceIdentity,
    allowsSessionTags: options.allowSessionTags,
    roleName: options.roleName,
    trustedPrincipals: options.trustedPrincipal,
    boundaryName: options.permissionsBoundary,
    tags: options.tag,
  };
  if (options.format === 'terraform') process.stdout.write(terraformConfiguration(role));
  else if (options.json) printJson(cloudFormationTemplate(role));
  else process.stdout.write(yamlWithReasons(role));
  const warning = trustPolicyWarning(role);
  if (warning !== null) say(`warning: ${warning}`);
  if (options.organizationId === undefined) {
    say('Without --organization-id, the role does not require that its callers are in your organization.');
  }
  return exitCodes.complete;
}

function printProtection({ roleName, exempt }: MemberTemplateOptions): ExitCode {
  const text = protectionText({ roleName, exempt });
  if (text === null) {
    say(`The policy has more than ${MAX_SCP_CHARACTERS} characters, the maximum of an SCP. Name fewer --exempt roles.`);
    return exitCodes.failed;
  }
  process.stdout.write(`${text}\n`);
  say('Attach it to the root or to organizational units. SCPs do not apply to the management account.');
  return exitCodes.complete;
}

const ACTIONS = ['Resources', 'MemberRole', 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement', 0, 'Action'];

/** YAML with a comment for each action. Version 1.1, which CloudFormation reads, needs quotes around dates. */
function yamlWithReasons(role: MemberRoleOptions): string {
  const document = new Document(cloudFormationTemplate(role), { version: '1.1', aliasDuplicateObjects: false });
  const actions = document.getIn(ACTIONS);
  if (isSeq(actions)) {
    actions.items.forEach((item, n) => {
      const action = iamReads[n];
      if (isScalar(item) && action !== undefined) item.commentBefore = ` ${iamReadReasons[action]}`;
    });
  }
  return document.toString({ lineWidth: 0 });
}
