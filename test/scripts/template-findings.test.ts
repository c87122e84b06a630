import { cfnLintFindings, checkovFindings, judge, type Finding } from '../../scripts/check-template/findings.ts';

const finding: Finding = {
  tool: 'checkov',
  id: 'CKV_AWS_18',
  resource: 'AWS::S3::Bucket ResultsBucket46167C27',
  message: 'Ensure the S3 bucket has access logging enabled',
  variant: 'defaults',
};
const exception = { tool: finding.tool, id: finding.id, resource: 'AWS::S3::Bucket ResultsBucket*', reason: 'why' };

test('a finding with an exception passes', () => {
  expect(judge([finding], [exception])).toEqual({ unexpected: [], unused: [] });
});

test.each([
  ['another rule', { ...finding, id: 'CKV_AWS_21' }],
  ['another tool', { ...finding, tool: 'cfn-lint' as const }],
  ['another resource', { ...finding, resource: 'AWS::S3::Bucket OtherBucket1' }],
  ['another type', { ...finding, resource: 'X AWS::S3::Bucket ResultsBucket1' }],
])('a finding of %s is unexpected, and the exception is unused', (_, other) => {
  expect(judge([other], [exception])).toEqual({ unexpected: [other], unused: [exception] });
});

test('an exception is used when one variant of the template has its finding', () => {
  const elsewhere = { ...finding, variant: 'member-role-and-key' };
  expect(judge([elsewhere], [exception]).unused).toEqual([]);
});

test('an exception for some variants does not cover others', () => {
  const limited = { ...exception, variants: ['defaults'] };
  const elsewhere = { ...finding, variant: 'member-role-and-key' };
  expect(judge([finding, elsewhere], [limited])).toEqual({ unexpected: [elsewhere], unused: [] });
});

test('cfn-lint names the resource by its path in the template', () => {
  const variants = new Map([['defaults', new Map([['Queue1', 'AWS::SQS::Queue']])]]);
  const output = [
    {
      Filename: 'defaults.template.json',
      Location: { Path: ['Resources', 'Queue1', 'DependsOn', 0] },
      Message: 'm',
      Rule: { Id: 'W3005' },
    },
    { Filename: 'defaults.template.json', Location: { Path: null }, Message: 'm', Rule: { Id: 'E0000' } },
  ];
  expect(cfnLintFindings(output, variants)).toEqual([
    { tool: 'cfn-lint', id: 'W3005', resource: 'AWS::SQS::Queue Queue1', message: 'm', variant: 'defaults' },
    { tool: 'cfn-lint', id: 'E0000', resource: 'template', message: 'm', variant: 'defaults' },
  ]);
});

describe('checkov', () => {
  const failed_checks = [
    {
      check_id: finding.id,
      check_name: finding.message,
      resource: 'AWS::S3::Bucket.ResultsBucket46167C27',
      file_path: '/defaults.template.json',
    },
  ];

  test('its failed checks are findings', () => {
    const output = { summary: { passed: 134, parsing_errors: 0 }, results: { failed_checks } };
    expect(checkovFindings(output)).toEqual([finding]);
  });

  test.each([
    ['read no template', { passed: 0, parsing_errors: 0 }],
    ['could not parse one', { passed: 134, parsing_errors: 1 }],
  ])('an output that %s is an error', (_, summary) => {
    expect(() => checkovFindings({ summary, results: { failed_checks: [] } })).toThrow();
  });
});
