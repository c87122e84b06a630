import { type RetryMode, retryModeOf } from './retry-mode.ts';
import { type Runtime, runtimeOf } from './runtime.ts';
import { type Language, sdkOf } from './sdks.ts';
import { serviceNamed, type Tool, toolOf } from './tools.ts';
import { productsOf } from './user-agent.ts';

/** The program behind a call. */
export interface CallingClient {
  /** The tool or SDK as it is shown, such as `Terraform` or `AWS SDK for Go v2`; `unknown` if the user agent names none. */
  readonly sdk: string;
  readonly retryMode: RetryMode;
  /** Language of the SDK, also of a tool's. */
  readonly language: Language;
  readonly tool: Tool | null;
  readonly runtime: Runtime | null;
  /** Version of what `sdk` names. */
  readonly version: string | null;
}

const languageOfTool: Readonly<Partial<Record<Tool, Language>>> = {
  'aws-cli': 'python',
  prowler: 'python',
  powershell: 'dotnet',
  terraform: 'go',
  opentofu: 'go',
  pulumi: 'go',
  crossplane: 'go',
  ack: 'go',
  steampipe: 'go',
  'aws-nuke': 'go',
  cdk: 'javascript',
  'iam-audit': 'javascript',
};

/** A service uses its own SDK. The caller can't change the SDK's retries, or where it runs. */
const atAws: ReadonlySet<Tool> = new Set<Tool>(['aws-service', 'cloudformation', 'console']);

/**
 * Reads SDK or tool, retry mode and runtime from a user agent. A user agent is written by the caller: it is a hint for the
 * choice of the remedy, and no evidence.
 * @param invokedBy userIdentity.invokedBy: the service that calls on behalf of the caller
 */
export const clientOf = (userAgent: string | null, invokedBy: string | null): CallingClient => {
  const products = productsOf(userAgent ?? '');
  const tool = (invokedBy === null ? null : serviceNamed(invokedBy)) ?? toolOf(userAgent ?? '', products);
  const sdk = sdkOf(products);
  if (tool !== null && atAws.has(tool.tool))
    return { sdk: tool.name, retryMode: 'unknown', language: 'unknown', tool: tool.tool, runtime: null, version: null };
  return {
    sdk: tool?.name ?? sdk?.name ?? 'unknown',
    retryMode: retryModeOf(products),
    language: sdk?.language ?? (tool === null ? undefined : languageOfTool[tool.tool]) ?? 'unknown',
    tool: tool?.tool ?? null,
    runtime: runtimeOf(products),
    version: tool === null ? (sdk?.version ?? null) : tool.version,
  };
};
