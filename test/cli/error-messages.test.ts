import { faultMessage } from '../../cli/error-messages.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';

test('for rejected credentials, the advice also fits the partitions of GovCloud and China', () => {
  const fault = new AwsFault('unauthenticated', 'InvalidClientTokenId', 'The security token is invalid.');
  expect(faultMessage(fault)).toBe(
    'AWS rejected the credentials (InvalidClientTokenId). Sign in again, or choose another profile with --profile. Credentials of AWS GovCloud (US) or of China are accepted only in Regions there: name one with --region or AWS_REGION.',
  );
});
