"""Makes principals and an organization in moto's server, and prints what boto3 reads there, with other operations than the
audit uses."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

USERS, ROLES, GROUPS, POLICIES, ACCOUNTS = 160, 160, 8, 24, 12
endpoint = sys.argv[1]
settings = dict(
    endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x"
)
iam = boto3.client("iam", **settings)
org = boto3.client("organizations", **settings)


def document(action, resource="*"):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    )


def every(client, operation, key, **parameters):
    return [one for page in client.get_paginator(operation).paginate(**parameters) for one in page[key]]


def make_principals():
    policies = [
        iam.create_policy(
            PolicyName=f"policy-{n}", Path=f"/team-{n % 3}/", PolicyDocument=document(f"s3:Get*", f"arn:aws:s3:::b{n}/+ %é*")
        )["Policy"]["Arn"]
        for n in range(POLICIES)
    ]
    # Another default version.
    iam.create_policy_version(PolicyArn=policies[0], PolicyDocument=document("ec2:*"), SetAsDefault=True)
    iam.create_policy_version(PolicyArn=policies[1], PolicyDocument=document("iam:*"), SetAsDefault=False)
    groups = [f"group-{n}" for n in range(GROUPS)]
    for n, group in enumerate(groups):
        iam.create_group(GroupName=group, Path=f"/g{n % 2}/")
        iam.attach_group_policy(GroupName=group, PolicyArn=policies[n])
        if n % 2 == 0:
            iam.put_group_policy(GroupName=group, PolicyName="own", PolicyDocument=document("sqs:*"))
    for n in range(USERS):
        name = f"user.{n}+x@example"
        boundary = {"PermissionsBoundary": policies[n % POLICIES]} if n % 5 == 0 else {}
        tags = [{"Key": "team", "Value": f"t{n % 7}"}, {"Key": "owner", "Value": f"<a>&{n}"}][: n % 3]
        iam.create_user(UserName=name, Path=f"/people,a/{n % 4}/", Tags=tags, **boundary)
        for k in range(n % 3):
            iam.attach_user_policy(UserName=name, PolicyArn=policies[(n + k) % POLICIES])
        if n % 4 == 0:
            iam.put_user_policy(UserName=name, PolicyName="in line", PolicyDocument=document("iam:PassRole"))
        for k in range(n % 2):
            iam.add_user_to_group(UserName=name, GroupName=groups[(n + k) % GROUPS])
    for n in range(ROLES):
        name = f"role-{n}"
        trusted = {"Service": "ec2.amazonaws.com"} if n % 2 else {"AWS": f"arn:aws:iam::{n:012}:root"}
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}],
        }
        boundary = {"PermissionsBoundary": policies[n % POLICIES]} if n % 6 == 0 else {}
        tags = [{"Key": "env", "Value": "prod"}] if n % 3 else []
        iam.create_role(
            RoleName=name, Path=f"/apps/{n % 4}/", AssumeRolePolicyDocument=json.dumps(trust), Tags=tags, **boundary
        )
        for k in range(n % 4):
            iam.attach_role_policy(RoleName=name, PolicyArn=policies[(n + k) % POLICIES])
        if n % 3 == 0:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(["sts:AssumeRole", "kms:*"]))
        if n % 10 == 1:
            iam.create_instance_profile(InstanceProfileName=f"profile-{n}")
            iam.add_role_to_instance_profile(InstanceProfileName=f"profile-{n}", RoleName=name)


def make_organization():
    org.create_organization(FeatureSet="ALL")
    root = org.list_roots()["Roots"][0]["Id"]
    org.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    units = [root]
    for n in range(5):
        parent = units[n // 2]
        units.append(org.create_organizational_unit(ParentId=parent, Name=f"unit-{n}")["OrganizationalUnit"]["Id"])
    for n in range(ACCOUNTS):
        created = org.create_account(Email=f"a{n}@example.com", AccountName=f"account {n}")["CreateAccountStatus"]
        if n % 3:
            org.move_account(
                AccountId=created["AccountId"], SourceParentId=root, DestinationParentId=units[n % len(units)]
            )
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}
    for n in range(4):
        policy = org.create_policy(
            Name=f"deny-{n}", Description="d", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(deny)
        )
        org.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=units[n + 1])


def inline(kind, name):
    names = every(iam, f"list_{kind}_policies", "PolicyNames", **{f"{kind.title()}Name": name})
    read = getattr(iam, f"get_{kind}_policy")
    return {one: read(**{f"{kind.title()}Name": name, "PolicyName": one})["PolicyDocument"] for one in names}


def attached(kind, name):
    parameters = {f"{kind.title()}Name": name}
    return sorted(
        one["PolicyArn"] for one in every(iam, f"list_attached_{kind}_policies", "AttachedPolicies", **parameters)
    )


def principal(kind, detail):
    name = detail[f"{kind.title()}Name"]
    whole = getattr(iam, f"get_{kind}")(**{f"{kind.title()}Name": name})[kind.title()]
    return {
        "name": name,
        "path": whole["Path"],
        "id": whole[f"{kind.title()}Id"],
        "createdAt": whole["CreateDate"].timestamp() * 1000,
        "inline": inline(kind, name),
        "attached": attached(kind, name),
        "boundary": whole.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "tags": {tag["Key"]: tag["Value"] for tag in whole.get("Tags", [])},
        **(
            {"groups": sorted(one["GroupName"] for one in every(iam, "list_groups_for_user", "Groups", UserName=name))}
            if kind == "user"
            else {
                "trust": whole["AssumeRolePolicyDocument"],
                "profiles": sorted(
                    one["InstanceProfileName"]
                    for one in every(iam, "list_instance_profiles_for_role", "InstanceProfiles", RoleName=name)
                ),
            }
        ),
    }


def children(parent):
    return {
        "accounts": sorted(
            one["Id"] for one in every(org, "list_children", "Children", ParentId=parent, ChildType="ACCOUNT")
        ),
        "units": sorted(
            one["Id"]
            for one in every(org, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent)
        ),
    }


def read_organization():
    described = org.describe_organization()["Organization"]
    roots = [one["Id"] for one in every(org, "list_roots", "Roots")]
    parents, queue = {}, list(roots)
    while queue:
        parent = queue.pop()
        parents[parent] = children(parent)
        queue.extend(parents[parent]["units"])
    policies = {}
    for one in every(org, "list_policies", "Policies", Filter="SERVICE_CONTROL_POLICY"):
        targets = every(org, "list_targets_for_policy", "Targets", PolicyId=one["Id"])
        content = org.describe_policy(PolicyId=one["Id"])["Policy"]["Content"]
        policies[one["Id"]] = {
            "targets": sorted(target["TargetId"] for target in targets),
            "content": json.loads(content),
        }
    return {
        "id": described["Id"],
        "managementAccountId": described["MasterAccountId"],
        "accounts": sorted(one["Id"] for one in every(org, "list_accounts", "Accounts")),
        "parents": parents,
        "policies": policies,
    }


make_principals()
make_organization()
groups = {}
for one in every(iam, "list_groups", "Groups"):
    groups[one["Arn"]] = {"inline": inline("group", one["GroupName"]), "attached": attached("group", one["GroupName"])}
policies = {}
for one in every(iam, "list_policies", "Policies", Scope="Local"):
    version = iam.get_policy_version(PolicyArn=one["Arn"], VersionId=one["DefaultVersionId"])["PolicyVersion"]
    versions = every(iam, "list_policy_versions", "Versions", PolicyArn=one["Arn"])
    policies[one["Arn"]] = {"document": version["Document"], "others": len(versions) - 1}
try:
    iam.get_account_password_policy()
    has_password_policy = True
except ClientError as error:
    has_password_policy = error.response["Error"]["Code"] != "NoSuchEntity"
print(
    json.dumps(
        {
            "users": {one["Arn"]: principal("user", one) for one in every(iam, "list_users", "Users")},
            "roles": {one["Arn"]: principal("role", one) for one in every(iam, "list_roles", "Roles")},
            "groups": groups,
            "policies": policies,
            "hasPasswordPolicy": has_password_policy,
            "organization": read_organization(),
        }
    )
)
