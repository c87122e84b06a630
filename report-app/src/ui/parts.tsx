import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Severity } from '../../../core/contract/finding.ts';
import { withoutControls } from '../../../core/wording/html.ts';
import { shortName } from '../data/model.ts';
import { linkToPrincipal } from '../data/address.ts';

/** Text from AWS, without characters that could disguise it. */
export const Text = ({ children }: { readonly children: string }): JSX.Element => <>{withoutControls(children)}</>;

export const SeverityTag = ({ severity }: { readonly severity: Severity }): JSX.Element => (
  <span class={`tag severity ${severity}`}>{severity}</span>
);

const marks: Readonly<Record<string, string>> = { COMPLETE: '✓', PARTIAL: '◐', FAILED: '✕', RUNNING: '…' };

export const StatusTag = ({ status }: { readonly status: string }): JSX.Element => (
  <span class={`tag status ${status}`}>
    <span aria-hidden="true">{marks[status] ?? ''}</span> {status}
  </span>
);

/** The name of a principal as a link to its page, if the report has it. */
export function PrincipalLink({ arn, isKnown }: { readonly arn: string; readonly isKnown: boolean }): JSX.Element {
  const name = withoutControls(shortName(arn));
  return isKnown ? (
    <a href={linkToPrincipal(arn)} title={withoutControls(arn)}>
      {name}
    </a>
  ) : (
    <span title={withoutControls(arn)}>{name}</span>
  );
}

/** Copies a text. Says so, and says what to do where the browser does not allow it. */
export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }): JSX.Element {
  const [state, setState] = useState<'ready' | 'copied' | 'refused'>('ready');
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => {
        setState('copied');
      },
      () => {
        setState('refused');
      },
    );
  };
  return (
    <button type="button" class="copy" onClick={copy}>
      <span role="status">
        {state === 'ready' ? label : state === 'copied' ? 'Copied' : 'Select the text to copy it'}
      </span>
    </button>
  );
}

/** A block of code with a button that copies it. */
export const Code = ({ text, label }: { readonly text: string; readonly label?: string }): JSX.Element => (
  <div class="code">
    <CopyButton text={text} {...(label === undefined ? {} : { label })} />
    <pre tabIndex={0} role="group" aria-label={label ?? 'Code'}>
      <code>
        <Text>{text}</Text>
      </code>
    </pre>
  </div>
);

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}

export function Choice({ label, value, options, onChange }: ChoiceProps): JSX.Element {
  const id = useId();
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => {
          onChange(currentTarget.value);
        }}
      >
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            <Text>{text}</Text>
          </option>
        ))}
      </select>
    </div>
  );
}

interface SearchProps {
  readonly value: string;
  readonly label: string;
  readonly onChange: (value: string) => void;
}

export function Search({ value, label, onChange }: SearchProps): JSX.Element {
  const id = useId();
  return (
    <div class="choice search">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="search"
        value={value}
        autocomplete="off"
        spellcheck={false}
        data-search
        onInput={({ currentTarget }) => {
          onChange(currentTarget.value);
        }}
      />
    </div>
  );
}

/** Offers a text as a file. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

interface ExportProps {
  readonly name: string;
  readonly csv: () => string;
  readonly json: () => unknown;
  readonly count: number;
}

export const ExportButtons = ({ name, csv, json, count }: ExportProps): JSX.Element => (
  <div class="export" role="group" aria-label={`Export these ${count} rows`}>
    <button
      type="button"
      onClick={() => {
        download(`${name}.csv`, 'text/csv', csv());
      }}
    >
      CSV
    </button>
    <button
      type="button"
      onClick={() => {
        download(`${name}.json`, 'application/json', `${JSON.stringify(json(), null, 2)}\n`);
      }}
    >
      JSON
    </button>
  </div>
);

interface ScrollProps {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly class?: string;
}

/** What may be wider than the screen. It takes the focus, so that the keyboard can scroll it. */
export const Scroll = ({ label, children, class: more = '' }: ScrollProps): JSX.Element => (
  <div class={`scroll ${more}`} tabIndex={0} role="region" aria-label={label}>
    {children}
  </div>
);

export const Section = ({
  title,
  children,
  id,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly id?: string;
}): JSX.Element => (
  <section class="section" {...(id === undefined ? {} : { id })}>
    <h2>{title}</h2>
    {children}
  </section>
);

/** A row of numbers with their names. */
export const Facts = ({
  facts,
}: {
  readonly facts: readonly (readonly [string, ComponentChildren])[];
}): JSX.Element => (
  <dl class="facts">
    {facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
