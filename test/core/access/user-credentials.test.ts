import { readScanInput } from '../../../core/scan/scan-input.ts';
import { scanAccount } from '../../../core/scan/scan-account.ts';
import { ACCOUNT, credentialReport, details, user } from '../../support/authorization-details.ts';
import { allow, document } from '../../support/policy-documents.ts';
import { NOW } from '../../support/scanned-case.ts';

/** What is told of `dev`, who may do these actions on the administrator `boss`. */
async function finding(actions: readonly string[], reports: readonly string[]) {
  const inlined = (statement: object) => ({
    UserPolicyList: [{ PolicyName: 'p', PolicyDocument: document({ ...statement }) }],
  });
  const account = details({
    UserDetailList: [
      user('dev', inlined(allow(actions, `arn:aws:iam::${ACCOUNT}:user/boss`))),
      user('boss', inlined(allow('*'))),
    ],
  });
  const { accounts } = readScanInput(
    {
      files: [{ name: 'account.json', text: JSON.stringify(account) }],
      credentialReports: reports.map((text) => ({ name: 'report.csv', text })),
      serviceControl: [],
    },
    NOW,
  );
  const [first] = accounts;
  if (first === undefined) throw new Error('There is no account.');
  const { findings } = await scanAccount(first, { now: NOW, graceDays: 30, unusedAfterDays: 90 });
  const found = findings.find(({ rule, principalArn }) => rule === 'escalation-path' && principalArn.endsWith('/dev'));
  return found === undefined
    ? null
    : { severity: found.severity, notKnown: found.evidence['notKnown'], detail: found.detail };
}

test('an access key of a user is possible where no report tells how many it has', async () => {
  const unknown = await finding(['iam:CreateAccessKey'], []);
  expect(unknown).toMatchObject({ severity: 'high', notKnown: ['accessKeys'] });
  expect(unknown?.detail).toContain('It is not known whether the user has two access keys already');
  expect(await finding(['iam:CreateAccessKey'], [credentialReport('boss')])).toMatchObject({
    severity: 'critical',
    notKnown: [],
  });
  expect(await finding(['iam:CreateAccessKey', 'iam:DeleteAccessKey'], [])).toMatchObject({
    severity: 'critical',
    notKnown: [],
  });
});

test('a password of a user is possible where no report tells whether it has one', async () => {
  const unknown = await finding(['iam:UpdateLoginProfile'], []);
  expect(unknown).toMatchObject({ severity: 'high', notKnown: ['password'] });
  expect(unknown?.detail).not.toContain('no row');
  // The report says that the user has no password.
  expect(await finding(['iam:UpdateLoginProfile'], [credentialReport('boss')])).toBeNull();
});
