import { readFileSync } from 'node:fs';
import { scanned } from '../../support/scanned-case.ts';

/** Small accounts, each with the right answer by AWS's rules: whether a principal is (`is`) or can become an administrator. */
interface JudgedAccount {
  readonly about: string;
  readonly answers: Readonly<Record<string, string | null>>;
  readonly account: Parameters<typeof scanned>[0];
}

const accounts = JSON.parse(readFileSync('test/fixtures/judged-accounts.json', 'utf8')) as JudgedAccount[];

test.each(accounts.map(({ about, ...one }) => [about, one] as const))('%s', async (_about, { answers, account }) => {
  const { findings } = await scanned(account);
  for (const [name, expected] of Object.entries(answers)) {
    const own = findings.filter(({ principalArn }) => principalArn.endsWith(`/${name}`));
    const isAdministrator = own.find(({ rule }) => rule === 'administrator');
    const path = own.find(({ rule, title }) => rule === 'escalation-path' && title.includes('an administrator'));
    const conditional = isAdministrator?.evidence['conditional'];
    const answer =
      isAdministrator === undefined
        ? (path?.evidence['certainty'] ?? null)
        : Array.isArray(conditional) && conditional.length === 0
          ? 'is'
          : 'is under conditions';
    expect([name, answer]).toEqual([name, expected]);
  }
});
