import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { AuditExecutions } from '../aws/audit-executions.ts';
import { DeploymentNotFound, findDeployment, type DeploymentChoice } from '../aws/deployment.ts';
import { S3Store } from '../aws/s3-store.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { StoreError } from '../core/ports/store.ts';
import { credentialsOf, regionOfEnvironment, type AwsOptions } from './aws-credentials.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { say } from './output.ts';
import { faultMessage } from './error-messages.ts';

export type DeployedOptions = AwsOptions & DeploymentChoice;

/** The parts of the deployed audit that commands use. */
export interface Deployed {
  readonly stateMachineArn: string;
  readonly store: S3Store;
  readonly executions: AuditExecutions;
}

/** @throws DeploymentNotFound, AwsFault */
async function openDeployed(options: DeployedOptions): Promise<Deployed> {
  // The ARN of the state machine contains its Region. Without either option and without a variable, the SDK reads the
  // Region from ~/.aws/config, as cdk does.
  const region = options.region ?? options.stateMachineArn?.split(':')[3] ?? regionOfEnvironment();
  const configuration = {
    credentials: credentialsOf(options),
    ...(region === undefined ? {} : { region }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
  };
  const sfn = new SFNClient(configuration);
  const { stateMachineArn, bucket } = await findDeployment(
    { sfn, cloudFormation: new CloudFormationClient(configuration) },
    options,
  );
  return {
    stateMachineArn,
    store: new S3Store({ client: new S3Client(configuration), bucket }),
    executions: new AuditExecutions(sfn, stateMachineArn),
  };
}

/** Runs a command against the deployed audit. An expected error ends the command with a message that says what to do. */
export async function withDeployed(
  options: DeployedOptions,
  work: (deployed: Deployed) => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work(await openDeployed(options));
  } catch (error: unknown) {
    if (error instanceof Error && error.message === 'Region is missing') {
      say(
        "No AWS Region is set, so the deployed audit can't be found. Set one with --region, with AWS_REGION or in ~/.aws/config. For results on this machine, name their folder with --out.",
      );
    } else if (error instanceof AwsFault)
      say(faultMessage(error, 'docs/deploy.md lists the permissions that an operator needs'));
    else if (error instanceof DeploymentNotFound || error instanceof StoreError) say(error.message);
    else throw error;
    return exitCodes.failed;
  }
}
