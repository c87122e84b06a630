"""Calls each operation of the emulated AWS with generated valid input, and checks its answers with AWS's own API models:
required members, types, enum values, and the modelled errors that the emulation claims."""

import datetime
import json
import random
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

facts = json.loads(sys.argv[1])
random.seed(7)
settings = dict(
    region_name="us-east-1",
    aws_access_key_id=facts["accessKeyId"],
    aws_secret_access_key=facts["secretAccessKey"],
    config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
)


def client(service, url="aws"):
    return boto3.client(service, endpoint_url=facts[url], **settings)


clients = {
    **{service: client(service) for service in ("iam", "sts", "organizations", "cloudtrail")},
    "stepfunctions": client("stepfunctions", "controlPlane"),
    "cloudformation": client("cloudformation", "controlPlane"),
    "s3": client("s3", "s3"),
}
differences, counts = [], {"answers": 0, "members": 0, "errors": 0}

# Required by the model, and null by the API reference while a report is in progress.
ABSENT = {("GetServiceLastAccessedDetails", "JobCompletionDate")}
# AWS answers this value, also in the example of its API reference, although the model does not have it.
OTHER_VALUES = {("SimulatePrincipalPolicy", "IAM Policy")}
TYPES = {
    **{"string": str, "integer": int, "long": int, "boolean": bool, "float": (int, float), "double": (int, float)},
    **{"timestamp": datetime.datetime, "blob": bytes, "structure": dict, "list": list, "map": dict},
}


def wrong(text):
    if text not in differences:
        differences.append(text)


def check(operation, shape, value, path):
    counts["members"] += 1
    # botocore decodes the documents of policies, and gives the body of an object as a stream.
    if path.endswith((".Body", "Document")):
        return
    if not isinstance(value, TYPES[shape.type_name]):
        # botocore's parser turns whatever it finds into the model's type, so this is a text that is no date, and the like.
        wrong(f"{operation} {path}: {value!r} is no {shape.type_name}")
        return
    if shape.type_name == "structure":
        for name in shape.required_members:
            if name not in value and (operation, name) not in ABSENT:
                wrong(f"{operation} {path}: the required member {name} is missing")
        for name, part in value.items():
            if name in shape.members:
                check(operation, shape.members[name], part, f"{path}.{name}")
    elif shape.type_name == "list":
        for part in value:
            check(operation, shape.member, part, f"{path}[]")
    elif shape.type_name == "string" and getattr(shape, "enum", None):
        if value not in shape.enum and (operation, value) not in OTHER_VALUES:
            wrong(f"{operation} {path}: {value!r} is none of {shape.enum}")


def call(service, operation, **parameters):
    """Returns the answer, checked; None after an error."""
    one = clients[service]
    model = one.meta.service_model.operation_model(operation)
    method = next(name for name, full in one.meta.method_to_api_mapping.items() if full == operation)
    answer = getattr(one, method)(**parameters)
    counts["answers"] += 1
    answer.pop("ResponseMetadata")
    if model.output_shape is not None:
        check(operation, model.output_shape, answer, "answer")
    return answer


def provoke(code, service, operation, **parameters):
    """The call must fail with this code, which must be the model's, or one that AWS never models."""
    counts["errors"] += 1
    model = clients[service].meta.service_model.operation_model(operation)
    modelled = {shape.error_code or shape.name for shape in model.error_shapes} | {s.name for s in model.error_shapes}
    if code not in modelled | {"ValidationError", "InvalidRange", "PreconditionFailed", "AccessDenied", "NoSuchKey"}:
        wrong(f"{operation}: {code} is no error of its model")
    try:
        call(service, operation, **parameters)
    except ClientError as error:
        found = error.response["Error"]["Code"].split("#")[-1]
        if found != code:
            wrong(f"{operation}: {found} instead of {code}")
        return
    wrong(f"{operation}: no error {code}")


def pages(service, operation, marker, given, result, **parameters):
    """All pages, of random sizes. The items of all of them must be those of one large page."""
    counts["answers"] += 0
    items, token = [], None
    while True:
        size = {given: random.choice([1, 3, 7, 20])} if given else {}
        answer = call(service, operation, **parameters, **size, **({marker[0]: token} if token else {}))
        items += answer[result]
        token = answer.get(marker[1])
        if not token:
            return items


arns, role = facts["principals"], facts["role"]
hub, bucket, machine = facts["accountId"], facts["bucket"], facts["stateMachineArn"]
MARKER, TOKEN = ("Marker", "Marker"), ("NextToken", "NextToken")


def iam():
    kinds = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]
    for n in range(12):
        chosen = random.sample(kinds, random.randint(0, len(kinds)))
        call("iam", "GetAccountAuthorizationDetails", Filter=chosen, MaxItems=random.randint(1, 1000))
    lists = ["UserDetailList", "RoleDetailList", "GroupDetailList", "Policies"]
    for name in lists:
        pages("iam", "GetAccountAuthorizationDetails", MARKER, "MaxItems", name)
    call("iam", "GetAccountPasswordPolicy")
    for n, arn in enumerate(arns):
        granularity = random.choice([{}, {"Granularity": "SERVICE_LEVEL"}, {"Granularity": "ACTION_LEVEL"}])
        job = call("iam", "GenerateServiceLastAccessedDetails", Arn=arn, **granularity)["JobId"]
        call("iam", "GetServiceLastAccessedDetails", JobId=job)
        advance(60)
        pages("iam", "GetServiceLastAccessedDetails", MARKER, "MaxItems", "ServicesLastAccessed", JobId=job)
        actions = random.sample(["s3:GetObject", "iam:PassRole", "sts:AssumeRole", "kms:Decrypt", "ec2:RunInstances"], 3)
        resources = random.choice([{}, {"ResourceArns": ["*", "arn:aws:s3:::b/x"]}])
        entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["10.0.0.1"], "ContextKeyType": "ip"}
        context = random.choice([{}, {"ContextEntries": [entry]}])
        call("iam", "SimulatePrincipalPolicy", PolicySourceArn=arn, ActionNames=actions, **resources, **context)
    provoke("ReportNotPresent", "iam", "GetCredentialReport")
    call("iam", "GenerateCredentialReport")
    provoke("ReportInProgress", "iam", "GetCredentialReport")
    advance(60)
    call("iam", "GenerateCredentialReport")
    call("iam", "GetCredentialReport")
    advance(5 * 3600)
    provoke("ReportExpired", "iam", "GetCredentialReport")
    gone = f"arn:aws:iam::{hub}:role/gone"
    provoke("NoSuchEntity", "iam", "GenerateServiceLastAccessedDetails", Arn=gone)
    provoke("InvalidInput", "iam", "GenerateServiceLastAccessedDetails", Arn="arn:aws:iam::aws:nothing/at/all")
    provoke("NoSuchEntity", "iam", "GetServiceLastAccessedDetails", JobId="0" * 36)
    simulate = dict(service="iam", operation="SimulatePrincipalPolicy")
    provoke("NoSuchEntity", **simulate, PolicySourceArn=gone, ActionNames=["s3:GetObject"])
    provoke("InvalidInput", **simulate, PolicySourceArn=arns[0], ActionNames=["nothing"])
    provoke("PolicyEvaluation", **simulate, PolicySourceArn=facts["unevaluable"], ActionNames=["s3:GetObject"])
    provoke("ValidationError", "iam", "GetAccountAuthorizationDetails", Marker="x")
    root = call("organizations", "ListRoots")["Roots"][0]["Id"]
    organization = call("organizations", "DescribeOrganization")["Organization"]["Id"]
    path = f"{organization}/{root}"
    jobs = []
    for _ in range(10):
        jobs.append(call("iam", "GenerateOrganizationsAccessReport", EntityPath=path)["JobId"])
    provoke("ReportGenerationLimitExceeded", "iam", "GenerateOrganizationsAccessReport", EntityPath=path)
    call("iam", "GetOrganizationsAccessReport", JobId=jobs[0])
    advance(120)
    pages("iam", "GetOrganizationsAccessReport", MARKER, "MaxItems", "AccessDetails", JobId=jobs[0])
    provoke("NoSuchEntity", "iam", "GetOrganizationsAccessReport", JobId="0" * 36)


def sts():
    call("sts", "GetCallerIdentity")
    given = dict(RoleArn=role, RoleSessionName="a-session")
    call("sts", "AssumeRole", **given, DurationSeconds=random.randint(900, 3600))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    call("sts", "AssumeRole", **given, Policy=policy)
    provoke("MalformedPolicyDocument", "sts", "AssumeRole", **given, Policy="{")
    noise = "".join(random.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=1900))
    large = policy.replace('"*"}', f'"{noise}"' + "}")
    provoke("PackedPolicyTooLarge", "sts", "AssumeRole", **given, Policy=large)
    denied = dict(RoleArn=role.replace(hub, "999999999999"), RoleSessionName="a-session")
    provoke("AccessDenied", "sts", "AssumeRole", **denied)
    elsewhere = boto3.client("sts", endpoint_url=facts["aws"], **{**settings, "region_name": facts["inactiveRegion"]})
    usual, clients["sts"] = clients["sts"], elsewhere
    provoke("RegionDisabledException", "sts", "AssumeRole", **given)
    clients["sts"] = usual


def organizations():
    call("organizations", "DescribeOrganization")
    listed = ("organizations", "ListAccounts", TOKEN, "MaxResults")
    pages(*listed, "Accounts")
    parents = [one["Id"] for one in pages("organizations", "ListRoots", TOKEN, "MaxResults", "Roots")]
    for parent in parents:
        for kind in ("ACCOUNT", "ORGANIZATIONAL_UNIT"):
            pages("organizations", "ListChildren", TOKEN, "MaxResults", "Children", ParentId=parent, ChildType=kind)
        name = "ListOrganizationalUnitsForParent"
        pages("organizations", name, TOKEN, "MaxResults", "OrganizationalUnits", ParentId=parent)
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        for policy in pages("organizations", "ListPolicies", TOKEN, "MaxResults", "Policies", Filter=kind):
            if kind == "SERVICE_CONTROL_POLICY":
                call("organizations", "DescribePolicy", PolicyId=policy["Id"])
            pages("organizations", "ListTargetsForPolicy", TOKEN, "MaxResults", "Targets", PolicyId=policy["Id"])
    pages("organizations", "ListAWSServiceAccessForOrganization", TOKEN, "MaxResults", "EnabledServicePrincipals")
    pages("organizations", "ListDelegatedAdministrators", TOKEN, "MaxResults", "DelegatedAdministrators")
    provoke("ParentNotFoundException", "organizations", "ListOrganizationalUnitsForParent", ParentId="r-zzzz")
    provoke("PolicyNotFoundException", "organizations", "DescribePolicy", PolicyId="p-zzzzzzzz")
    provoke("PolicyNotFoundException", "organizations", "ListTargetsForPolicy", PolicyId="p-zzzzzzzz")
    provoke("InvalidInputException", "organizations", "ListAccounts", NextToken="x")


def cloudtrail():
    attribute = [{"AttributeKey": "EventSource", "AttributeValue": "iam.amazonaws.com"}]
    pages("cloudtrail", "LookupEvents", TOKEN, None, "Events", LookupAttributes=attribute)
    call("cloudtrail", "LookupEvents", MaxResults=random.randint(1, 50))
    two = [*attribute, {"AttributeKey": "EventName", "AttributeValue": "AssumeRole"}]
    provoke("InvalidLookupAttributesException", "cloudtrail", "LookupEvents", LookupAttributes=two)
    provoke("InvalidNextTokenException", "cloudtrail", "LookupEvents", NextToken="x")
    early = datetime.datetime(2020, 1, 1)
    provoke("InvalidTimeRangeException", "cloudtrail", "LookupEvents", StartTime=early, EndTime=early)


def stepfunctions():
    call("stepfunctions", "DescribeStateMachine", stateMachineArn=machine)
    started = call("stepfunctions", "StartExecution", stateMachineArn=machine, name="one", input="{}")["executionArn"]
    call("stepfunctions", "StartExecution", stateMachineArn=machine)
    for status in ({}, {"statusFilter": "SUCCEEDED"}, {"statusFilter": "RUNNING"}):
        call("stepfunctions", "ListExecutions", stateMachineArn=machine, **status)
    call("stepfunctions", "DescribeExecution", executionArn=started)
    run = call("stepfunctions", "ListMapRuns", executionArn=started)["mapRuns"][0]["mapRunArn"]
    call("stepfunctions", "DescribeMapRun", mapRunArn=run)
    start = dict(service="stepfunctions", operation="StartExecution")
    provoke("ExecutionAlreadyExists", **start, stateMachineArn=machine, name="one", input='{"a":1}')
    provoke("InvalidExecutionInput", **start, stateMachineArn=machine, input="{")
    provoke("InvalidName", **start, stateMachineArn=machine, name="a b")
    provoke("StateMachineDoesNotExist", **start, stateMachineArn=machine + "x")
    provoke("StateMachineDoesNotExist", "stepfunctions", "DescribeStateMachine", stateMachineArn=machine + "x")
    provoke("StateMachineDoesNotExist", "stepfunctions", "ListExecutions", stateMachineArn=machine + "x")
    provoke("ExecutionDoesNotExist", "stepfunctions", "DescribeExecution", executionArn=started + "x")
    provoke("ExecutionDoesNotExist", "stepfunctions", "ListMapRuns", executionArn=started + "x")
    provoke("ResourceNotFound", "stepfunctions", "DescribeMapRun", mapRunArn=run + "x")


def cloudformation():
    call("cloudformation", "DescribeStacks")
    call("cloudformation", "DescribeStacks", StackName="IamAudit")
    provoke("ValidationError", "cloudformation", "DescribeStacks", StackName="none")


def s3():
    for key in ("a", "b/1", "b/2", "c é+"):
        clients["s3"].put_object(Bucket=bucket, Key=key, Body=b"0123456789")
    for given, expected in (("bytes=2-3", b"23"), ("bytes=-2", b"89"), ("bytes=8-", b"89")):
        body = call("s3", "GetObject", Bucket=bucket, Key="a", Range=given)["Body"].read()
        if body != expected:
            wrong(f"GetObject {given}: {body!r}")
    provoke("InvalidRange", "s3", "GetObject", Bucket=bucket, Key="a", Range="bytes=10-")
    provoke("NoSuchKey", "s3", "GetObject", Bucket=bucket, Key="none")
    provoke("PreconditionFailed", "s3", "PutObject", Bucket=bucket, Key="a", Body=b"x", IfNoneMatch="*")
    call("s3", "HeadObject", Bucket=bucket, Key="a")


def advance(seconds):
    """Moves the clock of the emulated AWS."""
    import urllib.request

    urllib.request.urlopen(f"{facts['clock']}/?seconds={seconds}").read()


for part in (iam, sts, organizations, cloudtrail, stepfunctions, cloudformation, s3):
    try:
        part()
    except ClientError as error:
        wrong(f"{error.operation_name}: valid input was refused: {error}")
print(json.dumps({"counts": counts, "differences": differences}))
