import { scaleLinear } from 'd3-scale';
import type { JSX } from 'preact';
import { agoInWords, dayOf } from '../data/days.ts';
import type { Principal } from '../data/model.ts';
import { Text, Scroll } from './parts.tsx';

/** AWS tracks last use for 400 days. */
const TRACKED_DAYS = 400;
/** Unused services named at first. */
const MOST_UNUSED = 30;

/** The allowed services of a principal on a line of time, by their last use. */
export function UseTimeline({
  principal,
  generatedAt,
}: {
  readonly principal: Principal;
  readonly generatedAt: string;
}): JSX.Element {
  const { used, unused, lastAccessedStatus, lastAccessedDaysAgo } = principal;
  if (lastAccessedStatus !== 'COMPLETE') return <p class="note warning">The use of services is not known.</p>;
  const x = scaleLinear([TRACKED_DAYS, 0], [0, 100]).clamp(true);
  const sorted = used.toSorted((a, b) => a.daysAgo - b.daysAgo);
  return (
    <>
      <p>
        {used.length} of {used.length + unused.length} allowed services used. AWS’s data is of{' '}
        {dayOf(generatedAt, lastAccessedDaysAgo)}.
      </p>
      {sorted.length > 0 && (
        <Scroll label="Services used">
          <table class="use">
            <thead>
              <tr>
                <th scope="col">Service</th>
                <th scope="col">Last use</th>
                <th scope="col">Region</th>
                <th scope="col">Over 400 days</th>
                <th scope="col">Actions used</th>
              </tr>
            </thead>
            <tbody>
              {sorted.map(({ namespace, name, daysAgo, region, actions }) => (
                <tr key={namespace}>
                  <th scope="row">
                    <Text>{name === '' ? namespace : `${name} (${namespace})`}</Text>
                  </th>
                  <td>{agoInWords(daysAgo)}</td>
                  <td>{region ?? '–'}</td>
                  <td class="line">
                    <svg viewBox="0 0 104 10" preserveAspectRatio="none" aria-hidden="true">
                      <line x1="2" x2="102" y1="5" y2="5" />
                      <circle cx={2 + x(daysAgo)} cy="5" r="2.5" />
                    </svg>
                  </td>
                  <td>
                    <Text>
                      {[...actions].map(([action, days]) => `${action} (${agoInWords(days)})`).join(', ') || '–'}
                    </Text>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {unused.length > 0 && (
        <details open={unused.length <= MOST_UNUSED}>
          <summary>{unused.length} allowed services were never used in the tracking period</summary>
          <p>
            {unused.map(([namespace, name]) => (
              <span key={namespace} class="chip unused" title={name}>
                {namespace}
              </span>
            ))}
          </p>
        </details>
      )}
    </>
  );
}
