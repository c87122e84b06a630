import { checkMemberTemplateOptions, withMemberTemplateOptions } from './member-template-options.ts';
import type { MemberTemplateOptions } from '../member-template.ts';
import { withExamples, type Define } from './command-entry.ts';

export const define: Define = (command, end) => {
  withMemberTemplateOptions(command).action(async (options: MemberTemplateOptions) => {
    checkMemberTemplateOptions(options, command);
    end(
      options.check
        ? await (await import('../check-organization.ts')).checkOrganization(options)
        : (await import('../member-template.ts')).memberTemplate(options),
    );
  });
  withExamples(command, [
    [
      'Print the template for CloudFormation',
      'member-template --hub-account 111122223333 --organization-id o-exampleorg',
    ],
    ['Print it for Terraform', 'member-template --hub-account 111122223333 --format terraform'],
    ['Check whether StackSets can deploy it', 'member-template --check'],
  ]);
};
