/**
 * User agents as the SDKs and tools send them. In the metrics (`m/`), D is legacy, E standard and F adaptive retry mode.
 */
export const userAgents = {
  jsStandard:
    'aws-sdk-js/3.1169.0 ua/2.1 os/linux#5.10.245 lang/js md/nodejs#22.11.0 api/sts#3.1169.0 exec-env/AWS_Lambda_nodejs22.x m/E,N',
  jsOld:
    'aws-sdk-js/3.600.0 ua/2.0 os/linux#5.10.226 lang/js md/nodejs#18.20.4 api/iam#3.600.0 exec-env/AWS_ECS_FARGATE',
  botocoreLegacy:
    'Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.1.112 md/arch#x86_64 lang/python#3.11.9 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.131',
  botocoreStandard:
    'Boto3/1.44.8 md/Botocore#1.44.8 ua/2.1 os/linux#6.1.112 md/arch#x86_64 lang/python#3.13.1 md/pyimpl#CPython m/Z,b,E cfg/retry-mode#standard Botocore/1.44.8',
  botocoreAdaptive:
    'Boto3/1.44.8 md/Botocore#1.44.8 ua/2.1 os/linux#6.1.112 md/arch#x86_64 lang/python#3.13.1 md/pyimpl#CPython m/Z,b,F cfg/retry-mode#adaptive Botocore/1.44.8',
  botocoreOld: 'Boto3/1.9.42 Python/3.6.5 Linux/4.14.77 Botocore/1.12.42',
  javaV2:
    'aws-sdk-java/2.31.7 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.112 lang/java#21.0.5 md/OpenJDK_64-Bit_Server_VM#21.0.5 md/vendor#Amazon.com_Inc. m/D,N',
  goV2: 'aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.4 md/GOOS#linux md/GOARCH#amd64 api/iam#1.41.1 m/E',
  cli: 'aws-cli/2.22.35 md/awscrt#0.23.4 ua/2.0 os/linux#6.8.0 md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython m/E,b,Z cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#iam.list-roles',
  terraform:
    'APN/1.0 HashiCorp/1.0 Terraform/1.5.7 (+https://www.terraform.io) terraform-provider-aws/4.67.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go/1.44.261 (go1.19.8; linux; amd64)',
  terraformV5:
    'APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.94.1 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.7 md/GOOS#linux md/GOARCH#amd64 api/iam#1.41.1',
  cloudFormation: 'cloudformation.amazonaws.com',
  console:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  github:
    'aws-sdk-js/3.696.0 ua/2.1 os/linux#6.8.0 lang/js md/nodejs#20.18.0 api/sts#3.696.0 m/E configure-aws-credentials-for-github-actions',
  scanner:
    'Boto3/1.40.1 md/Botocore#1.40.1 ua/2.1 os/linux#6.1.112 md/arch#x86_64 lang/python#3.12.3 m/b,Z,E cfg/retry-mode#standard Botocore/1.40.1 Prowler/5.1',
  javascriptV2: 'aws-sdk-nodejs/2.1692.0 linux/v18.20.4 promise',
  php: 'aws-sdk-php/3.344.0 ua/2.1 os/Linux#6.1 lang/php#8.3.6 api/iam#2010-05-08 cfg/retry-mode#legacy m/D GuzzleHttp/7',
  handmade: 'python-requests/2.32.3',
} as const;

export type UserAgentName = keyof typeof userAgents;
