import type { RunSummary } from '../../core/contract/run.ts';
import { systemClock } from '../../local/system-clock.ts';
import { CommandLine, HUB } from '../support/command-line.ts';

let command: CommandLine;
afterEach(() => command.close());

test('--spread-over spreads the calls over a short window too', async () => {
  const requests: number[] = [];
  command = await CommandLine.start({
    authorize: (_session, operation) => {
      if (operation === 'iam:GenerateServiceLastAccessedDetails') requests.push(systemClock.now());
      return true;
    },
    behaviour: { reportMs: 500 },
  });
  const { code, stdout } = await command.run(['--json', '--spread-over', '0.25']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'COMPLETE', spread: { minutes: 0.25 } });
  const gaps = requests.slice(1).map((time, index) => time - requests[index]!);
  expect(gaps).toHaveLength(6);
  // Seven principals in 15 s, without the last part and the time that the inventory takes.
  expect(Math.min(...gaps)).toBeGreaterThan(800);
  expect(requests.at(-1)! - requests[0]!).toBeGreaterThan(6_000);
  expect(requests.at(-1)! - requests[0]!).toBeLessThan(13_000);
});

test('--max-rate limits the calls per second to each operation, and --resume would use it again', async () => {
  command = await CommandLine.start({ denied: { [HUB]: ['iam:GenerateServiceLastAccessedDetails'] } });
  const { stdout, stderr } = await command.run(['--json', '--max-rate', '4', '--rate-share', '0.5']);
  const { calls } = JSON.parse(stdout) as RunSummary;
  expect(calls['iam:SimulatePrincipalPolicy']!.sent).toBeGreaterThan(3);
  for (const { perSecond, sent } of Object.values(calls))
    if (sent > 3) expect(perSecond).toBeLessThan(4 * (sent / (sent - 1)));
  expect(stderr).toMatch(/run .*--rate-share 0\.5 --max-rate 4 --resume/);
});
