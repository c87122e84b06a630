import { diffLines } from 'diff';
import type { JSX } from 'preact';
import { Text } from './parts.tsx';

/** What a recommended policy changes in today's, line by line. */
export function PolicyDiff({
  today,
  recommended,
}: {
  readonly today: string;
  readonly recommended: string;
}): JSX.Element {
  return (
    <pre class="diff" tabIndex={0} role="group" aria-label="Changes of the policy">
      {diffLines(today, recommended).map(({ value, added, removed }, index) => {
        const mark = added ? '+' : removed ? '-' : ' ';
        const lines = value.replace(/\n$/, '').split('\n');
        const text = lines.map((line) => `${mark} ${line}`).join('\n');
        if (added)
          return (
            <ins key={index}>
              <Text>{`${text}\n`}</Text>
            </ins>
          );
        if (removed)
          return (
            <del key={index}>
              <Text>{`${text}\n`}</Text>
            </del>
          );
        return (
          <span key={index}>
            <Text>{`${text}\n`}</Text>
          </span>
        );
      })}
    </pre>
  );
}
