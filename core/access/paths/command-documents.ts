/**
 * AWS's documents of Systems Manager that run what the caller gives them, in a command or an association (Systems Manager
 * User Guide, "AWS Systems Manager documents"). Its other documents do one thing, such as installing patches.
 */
const RUN_COMMANDS: readonly string[] = [
  'AWS-ApplyAnsiblePlaybooks',
  'AWS-ApplyChefRecipes',
  'AWS-ApplyDSCMofs',
  'AWS-InstallApplication',
  'AWS-InstallPowerShellModule',
  'AWS-RunAnsiblePlaybook',
  'AWS-RunDocument',
  'AWS-RunInspecChecks',
  'AWS-RunPatchBaselineWithHooks',
  'AWS-RunPowerShellScript',
  'AWS-RunRemoteScript',
  'AWS-RunSaltState',
  'AWS-RunShellScript',
];

/** The documents by which a session gives a shell or runs a command. The first is the account's own, and the default. */
export const sessionDocuments: readonly string[] = [
  'SSM-SessionManagerRunShell',
  'AWS-StartInteractiveCommand',
  'AWS-StartNonInteractiveCommand',
];

const RUN = new Set(['ssm:SendCommand', 'ssm:CreateAssociation']);

/** The documents of AWS with which the actions together run commands of the caller's choice. */
export const commandDocuments = (actions: readonly string[]): readonly string[] =>
  actions.every((action) => RUN.has(action)) ? RUN_COMMANDS : [];

/** Whether a document may run commands of the caller's choice: those of others may. @param name without the folder */
export const mayRunCommands = (name: string, actions: readonly string[]): boolean =>
  !/^(?:AWS|Amazon)/.test(name) || commandDocuments(actions).includes(name);
