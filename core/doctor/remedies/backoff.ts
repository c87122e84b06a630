import type { Remedy } from '../../contract/doctor/diagnosis.ts';
import { adviceForAws, remedyForControllers } from './callers-without-code.ts';
import type { RemedyContext } from './context.ts';
import { isInfrastructure, retryExamples } from './retry-examples.ts';
import { type Client, isVersion, selectExamples } from './select-examples.ts';

/**
 * Waits of mode standard after a throttled call: a random time of at most 1 s, doubling up to 20 s, 3 attempts by default
 * (botocore/retries/standard.py; @smithy/core/retry; https://github.com/aws/aws-sdk-java-v2/issues/6987).
 */
const WITH_BACKOFF =
  'Leave retries to the SDK: mode standard waits a random time before each retry and gives up after 3 attempts. The maximum of this time doubles, up to 20 seconds. With 8 attempts, a call can still succeed after about half a minute of throttling.';
const ADAPTIVE =
  'Mode adaptive also slows down new calls after a throttled one. Use it in jobs that may take longer and that mainly call IAM or STS, with one client for the whole program.';
const OWN_LOOP =
  'The SDK of this caller already waits between its retries, so a loop in the program makes these retries. Remove that loop, or let it wait a random time before each retry: at most 1 second, then at most 2, 4 and so on, up to 20.';
/** It has `maxRetries` and `retryDelayOptions` only: https://docs.aws.amazon.com/sdk-for-javascript/v2/developer-guide/retry-strategy.html */
const JAVASCRIPT_2 =
  'The SDK for JavaScript v2 has no retry modes and ignores AWS_RETRY_MODE and AWS_MAX_ATTEMPTS. Set a longer base for its waits and more retries in the code (retryDelayOptions, maxRetries), or change to version 3: AWS no longer supports version 2.';
const KOTLIN = 'In the SDK for Kotlin, set longer waits in the code: each retry mode has short ones by default.';
/** `max_retries`: https://registry.terraform.io/providers/hashicorp/aws/latest/docs */
export const INFRASTRUCTURE =
  "Terraform's AWS provider, on which Pulumi's is based, already repeats a throttled call up to 25 times and waits between the attempts. Do not set AWS_MAX_ATTEMPTS: a lower number makes runs fail sooner. Make fewer calls at the same time: use a lower parallelism, start runs one after another, and split large states, so that each run refreshes fewer resources.";

const isJavascript2 = (client: Client): boolean =>
  client.tool === null && client.language === 'javascript' && isVersion(client, '2');
const isKotlin = ({ tool, language }: Client): boolean => tool === null && language === 'kotlin';

/** The remedy for retries that follow a throttled call too soon. */
export const backoff = (context: RemedyContext): Remedy => {
  const aws = adviceForAws(context);
  if (aws !== null) return { text: aws, examples: [] };
  const controllers = remedyForControllers(context);
  if (controllers !== null) return controllers;
  const { clients } = context;
  const special = (client: Client): boolean => isJavascript2(client) || isKotlin(client) || isInfrastructure(client);
  const usual = clients.filter((client) => !special(client));
  const retriesWell =
    usual.length > 0 && usual.every(({ retryMode }) => retryMode === 'standard' || retryMode === 'adaptive');
  const sentences = [
    ...(usual.length > 0 || clients.length === 0 ? [retriesWell ? OWN_LOOP : WITH_BACKOFF, ADAPTIVE] : []),
    clients.some(isJavascript2) ? JAVASCRIPT_2 : null,
    clients.some(isKotlin) ? KOTLIN : null,
    clients.some(isInfrastructure) ? INFRASTRUCTURE : null,
  ];
  return {
    text: sentences.filter((sentence) => sentence !== null).join(' '),
    examples: selectExamples(retryExamples(context.operation ?? null), clients),
  };
};
