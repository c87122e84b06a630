import { readFileSync } from 'node:fs';
import { sessionPattern } from '../../../../core/doctor/records/session-pattern.ts';
import { seededRandom } from '../../../../local/seeded-random.ts';

test.each([
  ['botocore-session-1763632800', 'botocore-session-#'],
  ['aws-sdk-js-1763632800123', 'aws-sdk-js-#'],
  ['1a2b3c4d-0000-4000-8000-1a2b3c4d5e6f', '#'],
  ['i-0123456789abcdef0', 'i-#'],
  ['req-9f86d081884c', 'req-#'],
  ['anna.example@example.com', 'anna.example@example.com'],
  // Numbers of employees, builds and processes.
  ['E104037', 'E104037'],
  ['20410437', '20410437'],
  ['build-48213', 'build-48213'],
  ['decade-facade', 'decade-facade'],
])('the pattern of %s is %s', (name, pattern) => {
  expect(sessionPattern(name)).toBe(pattern);
});

test('the Athena view has the same pattern', () => {
  const sql = readFileSync('questions/doctor/records.athena.sql', 'utf8');
  const pattern = new RegExp(/'(\[0-9A-Fa-f\]\{8\}.*)',/.exec(sql)![1]!, 'g');
  const random = seededRandom(1);
  const letters = '0123456789abcdefABCDEF0123456789g-z';
  for (let n = 0; n < 20_000; n += 1) {
    const length = 1 + Math.floor(24 * random());
    const few = random() < 0.5 ? 12 : letters.length;
    const name = Array.from({ length }, () => letters[Math.floor(few * random())]).join('');
    expect([name, name.replace(pattern, '#')]).toEqual([name, sessionPattern(name)]);
  }
});
