import type { Remedy } from '../../contract/doctor/diagnosis.ts';
import type { RemedyContext } from './context.ts';
import { type Examples, isAws, selectExamples } from './select-examples.ts';

/**
 * Advice for a caller whose clients are all AWS services, CloudFormation or the console: their code can't be changed. Null
 * for every other caller.
 */
export const adviceForAws = ({ clients }: RemedyContext): string | null => {
  if (clients.length === 0 || !clients.every(isAws)) return null;
  const tools = new Set(clients.map(({ tool }) => tool));
  if (tools.has('cloudformation'))
    return 'CloudFormation makes these calls while it deploys. Deploy stacks one after another instead of all at once, and split stacks with many roles and policies.';
  if (tools.has('console'))
    return 'A person makes these calls in the console. Pages that list many roles or users read each of them: use a filter, or read the account with GetAccountAuthorizationDetails.';
  return 'An AWS service makes these calls on behalf of the caller. Use the service less often: the rate of its calls cannot be configured.';
};

/** Default of --poll: cmd/provider of crossplane-contrib/provider-upjet-aws. */
const CROSSPLANE =
  'Crossplane reads each of its resources again after the poll interval, 10 minutes by default. Choose a longer interval (--poll) and a lower maximum rate of reconciliations (--max-reconcile-rate), so that the reads are spread over the interval.';
/** Defaults of `reconcile` in the Helm charts of aws-controllers-k8s. */
const ACK =
  'The controllers of AWS Controllers for Kubernetes (ACK) read each of their resources again after the resync period, 10 hours by default, and after each change of the Kubernetes resource. Choose a longer period, and a lower number of resources that are reconciled at the same time.';
const REWRITES =
  'If the controller writes the same policy again and again, another program changes the policy too. Let only one of them manage it.';

const examples: Examples = {
  crossplane: `apiVersion: pkg.crossplane.io/v1beta1
kind: DeploymentRuntimeConfig
metadata:
  name: provider-aws-iam
spec:
  deploymentTemplate:
    spec:
      selector: {}
      template:
        spec:
          containers:
            - name: package-runtime
              args:
                - --poll=60m
                - --max-reconcile-rate=5
# In the Provider of IAM: spec.runtimeConfigRef.name: provider-aws-iam`,
  ack: `reconcile:
  defaultResyncPeriod: 36000 # seconds
  defaultMaxConcurrentSyncs: 1`,
};

/** The remedy for a caller whose clients are all Kubernetes controllers: they have settings, and no code to change. Null otherwise. */
export const remedyForControllers = ({ clients }: RemedyContext, writes = false): Remedy | null => {
  if (clients.length === 0 || !clients.every(({ tool }) => tool === 'crossplane' || tool === 'ack')) return null;
  const tools = new Set(clients.map(({ tool }) => tool));
  const sentences = [
    tools.has('crossplane') ? CROSSPLANE : null,
    tools.has('ack') ? ACK : null,
    writes ? REWRITES : null,
  ];
  return {
    text: sentences.filter((sentence) => sentence !== null).join(' '),
    examples: selectExamples(examples, clients),
  };
};
