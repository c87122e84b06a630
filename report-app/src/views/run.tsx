import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Report } from '../data/model.ts';
import { ratesOf } from '../data/rates.ts';
import { TimeChart } from '../ui/chart.tsx';
import { Facts, Section, StatusTag, Text, Scroll } from '../ui/parts.tsx';
import { dollars } from './accounts.tsx';

/** Operations with a chart of their own. The table has all. */
const MOST_CHARTS = 6;

export function RunView({ report }: { readonly report: Report }): JSX.Element {
  const { run, timeline, trend } = report.head;
  const { runId, startedAt, finishedAt, status, cost, culprits, spread } = run;
  const calls = Object.entries(run.calls);
  const sum = (field: 'sent' | 'throttled' | 'saved'): number =>
    calls.reduce((total, [, counts]) => total + counts[field], 0);
  const sent = sum('sent');
  const rates = useMemo(() => (timeline === null ? null : ratesOf(timeline)), [timeline]);
  return (
    <>
      <Facts
        facts={[
          ['Run', runId],
          ['Status', <StatusTag key="s" status={status} />],
          ['Started', `${startedAt.slice(0, 19).replace('T', ' ')} UTC`],
          ['Took', finishedAt === null ? '…' : duration(Date.parse(finishedAt) - Date.parse(startedAt))],
          ['Calls sent', sent.toLocaleString('en')],
          [
            'Throttled',
            `${sum('throttled').toLocaleString('en')} (${sent === 0 ? '0' : ((100 * sum('throttled')) / sent).toFixed(1)} %)`,
          ],
          ['Calls not needed', sum('saved').toLocaleString('en')],
          ['Estimated cost', dollars(cost.total)],
        ]}
      />
      {spread?.tookMinutes !== undefined && spread.tookMinutes !== null && (
        <p>
          Spread over {spread.minutes} minutes; the audit took {spread.tookMinutes}.
        </p>
      )}
      {culprits !== undefined && (
        <Section title="Who used the rate up">
          {culprits.callers.length > 0 && (
            <>
              <p>
                AWS throttled more than 1 % of the run’s calls. According to CloudTrail’s logs, these callers used most
                of the rate at that time.
              </p>
              <ul>
                {culprits.callers.map(({ caller, accountId, diagnosis }) => (
                  <li key={caller}>
                    <b>
                      <Text>{caller}</Text>
                    </b>{' '}
                    ({accountId}): <Text>{diagnosis}</Text>
                  </li>
                ))}
              </ul>
              <p class="quiet">
                <code>npx iam-audit doctor --athena</code> shows how to change them.
              </p>
            </>
          )}
          {culprits.note !== null && (
            <p>
              <Text>{culprits.note}</Text>
            </p>
          )}
        </Section>
      )}
      <Section title="Calls over time">
        {rates === null || rates.times.length === 0 ? (
          <p class="quiet">This run has no record of its calls over time.</p>
        ) : (
          <>
            <p class="quiet">
              {timeline === null
                ? ''
                : `Each point is the average of ${timeline.stepSeconds} seconds. With several accounts, the rates are their sum.`}{' '}
              Waited: calls that wait for their turn at the same time.
            </p>
            <div class="charts">
              {rates.operations.slice(0, MOST_CHARTS).map(({ operation, sent: perSecond, throttled, waited }) => (
                <TimeChart
                  key={operation}
                  title={`${operation}, calls a second`}
                  kind="lines"
                  times={rates.times}
                  series={[
                    { name: 'sent', class: 'sent', values: perSecond },
                    { name: 'throttled', class: 'throttled', values: throttled },
                    { name: 'waited', class: 'waited', values: waited },
                  ]}
                />
              ))}
            </div>
          </>
        )}
      </Section>
      <Section title="Calls by operation">
        <Scroll label="Calls by operation">
          <table>
            <thead>
              <tr>
                <th scope="col">Operation</th>
                {[
                  'Sent',
                  'Succeeded',
                  'Throttled',
                  'Failed',
                  'Not needed',
                  'Per second and account',
                  'Waited, seconds',
                ].map((title) => (
                  <th key={title} scope="col" class="number">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {calls.map(([operation, counts]) => (
                <tr key={operation}>
                  <th scope="row">{operation}</th>
                  {[
                    counts.sent,
                    counts.succeeded,
                    counts.throttled,
                    counts.failed,
                    counts.saved,
                    counts.perSecond,
                    counts.waitedSeconds,
                  ].map((value, index) => (
                    <td key={index} class="number">
                      {value.toLocaleString('en')}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <p class="quiet">
          Sent counts every attempt. Not needed: one call of each kind for each principal, minus the calls sent. Per
          second and account is the rate of succeeded calls in one account while it had work; with several accounts,
          their average. Waited is the time that calls waited because of the rate, a pause after a throttle or backoff,
          summed over all accounts.
        </p>
      </Section>
      <Section title="Cost">
        <Facts
          facts={[
            ['Step Functions state transitions', dollars(cost.stepFunctions)],
            ['Lambda functions', dollars(cost.lambda)],
            ['S3 requests', dollars(cost.s3)],
            ...(cost.athena === 0 ? [] : [['Athena queries', dollars(cost.athena)] as const]),
            ['Total', dollars(cost.total)],
          ]}
        />
        <p class="quiet">List prices of the run in AWS, without storage and logs.</p>
        {trend.length > 1 && (
          <TimeChart
            title="Calls of the last runs"
            kind="lines"
            times={trend.map((point) => Date.parse(point.startedAt))}
            series={[
              { name: 'sent', class: 'sent', values: trend.map((point) => point.calls.sent) },
              { name: 'throttled', class: 'throttled', values: trend.map((point) => point.calls.throttled) },
              { name: 'not needed', class: 'waited', values: trend.map((point) => point.calls.saved) },
            ]}
          />
        )}
      </Section>
    </>
  );
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} h ${minutes % 60} minutes`;
}
