import { findingsAbout, readCase, scanned } from '../../support/scanned-case.ts';

test('reading S3 returns no credentials: it raises no severity', async () => {
  const result = await scanned(readCase('s3-reader-is-no-credential-reader'));
  expect(findingsAbout(result, 'reader')).toEqual(['low unused-role: Role reader is unused']);
  expect(findingsAbout(result, 'lister')).toEqual(['low unused-role: Role lister is unused']);
  expect(findingsAbout(result, 's3-viewer')).toEqual([
    'medium password-without-mfa: User s3-viewer has a console password and no MFA',
  ]);
});
