import type { JSX } from 'preact';
import { Text } from './parts.tsx';

/** `lastAccessedAsOf` becomes `Last accessed as of`. */
const named = (field: string): string => {
  const words = field.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

/** Long lists are cut. The export has all. */
const MOST = 40;

/** The data that a rule used, by field. The ways are drawn elsewhere. */
export function Evidence({ evidence }: { readonly evidence: Readonly<Record<string, unknown>> }): JSX.Element {
  const fields = Object.entries(evidence).filter(
    ([field, value]) => field !== 'paths' && value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return (
    <dl class="evidence">
      {fields.map(([field, value]) => (
        <div key={field}>
          <dt>{named(field)}</dt>
          <dd>
            <Text>{inWords(value)}</Text>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function inWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) {
    const parts = value.slice(0, MOST).map(inWords);
    return `${parts.join(', ')}${value.length > MOST ? ` and ${value.length - MOST} more` : ''}`;
  }
  if (typeof value !== 'object' || value === null) return '–';
  const parts = Object.entries(value).flatMap(([field, one]) =>
    one === null || (Array.isArray(one) && one.length === 0) ? [] : [`${named(field).toLowerCase()}: ${inWords(one)}`],
  );
  return parts.length === 1 ? parts.join('') : `(${parts.join('; ')})`;
}
