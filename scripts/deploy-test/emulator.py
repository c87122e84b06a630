"""Starts LocalStack 4.14 in host mode, patched so that it can run this project's stack without docker.

Each patch says what LocalStack lacks and why the test needs it; docs/test-deploy.md lists the same patches.
The patches refer to internals of the version that requirements.txt pins.

Environment: FUNCTION_HOST is the URL that runs Lambda functions (scripts/deploy-test/function-host.ts).
"""

import json
import os
import re
import sys
import threading
import urllib.request

import jsonata
import localstack.services.lambda_.invocation.execution_environment as execution_environment
import localstack.services.lambda_.invocation.version_manager as version_manager
import localstack.services.lambda_.provider as lambda_provider
import localstack.services.stepfunctions.asl.jsonata.jsonata as localstack_jsonata
from localstack.runtime import main
from localstack.services.cloudformation.engine.v2.change_set_model_preproc import DeletionPolicy, PreprocResource
from localstack.services.cloudformation.v2.provider import CloudformationProviderV2
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.item_reader.resource_eval.resource_output_transformer.resource_output_transformer_json import (
    ResourceOutputTransformerJson,
)
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.utils.patch import patch

FUNCTION_HOST = os.environ["FUNCTION_HOST"]


# Patch 1: JSONata without Java.
# LocalStack evaluates JSONata in a JVM and downloads Java 21 for it. jsonata-python is a port of the same library
# (dashjoin's jsonata-java) in plain Python. It is independent of the JavaScript library that the product's own
# interpreter uses, so the deployed expressions are checked by a second implementation.
def evaluate_jsonata(expression):
    try:
        return jsonata.Jsonata(expression).evaluate(None)
    except Exception as error:
        raise localstack_jsonata.JSONataException("UNKNOWN", str(error)) from error


localstack_jsonata._eval_jsonata = evaluate_jsonata


# Patch 2: Lambda functions as local processes.
# LocalStack runs functions in docker containers only. This executor unpacks the code that was deployed and sends each
# invocation to the test, which runs the bundle in a Node.js process with the function's deployed environment.
class LocalProcessExecutor(RuntimeExecutor):
    folder = None

    def start(self, env_vars):
        code = self.function_version.config.code
        code.prepare_for_execution()
        self.folder = str(code.get_unzipped_code_location())

    def invoke(self, payload):
        function = self.function_version
        request = {
            "functionName": function.id.function_name,
            "folder": self.folder,
            "environment": function.config.environment or {},
            "memoryMegabytes": function.config.memory_size,
            "timeoutSeconds": function.config.timeout,
            "event": json.loads(payload["payload"]),
        }
        answer = urllib.request.urlopen(
            urllib.request.Request(FUNCTION_HOST, data=json.dumps(request).encode(), method="POST"),
            timeout=function.config.timeout + 10,
        )
        body = json.load(answer)
        return InvocationResult(payload["invoke-id"], json.dumps(body["payload"]).encode(), body["isError"], "")

    def stop(self):
        pass

    def get_address(self):
        return "127.0.0.1"

    def get_endpoint_from_executor(self):
        return "127.0.0.1"

    def get_runtime_endpoint(self):
        return ""

    def get_logs(self):
        return ""

    @classmethod
    def prepare_version(cls, function_version):
        pass

    @classmethod
    def cleanup_version(cls, function_version):
        pass


for module in (execution_environment, version_manager, lambda_provider):
    module.get_runtime_executor = lambda: LocalProcessExecutor


# Patch 3: an integer as ToleratedFailurePercentage, and the reader's JSONL.
# LocalStack's grammar accepts 100.0 but not 100, and does not know the input type JSONL. AWS accepts both. The
# definition is rewritten before it is parsed; patch 4 then reads the object line by line.
parse = AmazonStateLanguageParser.parse


def parse_rewritten(definition):
    with_float = re.sub(r'("ToleratedFailurePercentage"\s*:\s*\d+)(?=[\s,}])', r"\1.0", definition)
    return parse(re.sub(r'("InputType"\s*:\s*)"JSONL"', r'\1"JSON"', with_float))


AmazonStateLanguageParser.parse = staticmethod(parse_rewritten)


# Patch 4: an object of JSON lines as the items of a Distributed Map. The product uses no JSON reader.
def read_lines(self, env):
    max_items = env.stack.pop()["MaxItemsValue"]
    lines = env.stack.pop().split("\n")
    env.stack.append([json.loads(line) for line in lines if line.strip()][:max_items])


ResourceOutputTransformerJson._eval_body = read_lines


# Patch 5: DescribeStacks without a name leaves deleted stacks out, as in AWS (API reference, DescribeStacks).
# LocalStack lists them as DELETE_COMPLETE. The commands of iam-audit look for the stack this way.
@patch(CloudformationProviderV2.describe_stacks)
def describe_stacks(original, self, context, stack_name=None, next_token=None, **others):
    output = original(self, context, stack_name=stack_name, next_token=next_token, **others)
    if not stack_name:
        output["Stacks"] = [stack for stack in output["Stacks"] if stack["StackStatus"] != "DELETE_COMPLETE"]
    return output


# Patch 6: the deletion policy RetainExceptOnCreate keeps a resource when its stack is deleted, as in AWS.
# LocalStack deletes it. The results bucket has this policy or Retain.
initialise_resource = PreprocResource.__init__


def initialise_retained_resource(self, *arguments, **named):
    initialise_resource(self, *arguments, **named)
    if self.deletion_policy == DeletionPolicy.RetainExceptOnCreate:
        self.deletion_policy = DeletionPolicy.Retain


PreprocResource.__init__ = initialise_retained_resource


def end_with_the_test():
    """Ends the emulator when the process that started it has ended, even by SIGKILL."""
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_the_test, daemon=True).start()
sys.exit(main.main())
