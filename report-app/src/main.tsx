import { Component, render, type JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Report } from './data/model.ts';
import { readReport } from './data/read-page.ts';
import { PrincipalView } from './views/principal.tsx';
import { PrincipalsView } from './views/principals.tsx';
import { AccessMap } from './views/access-map.tsx';
import { AccountsView } from './views/accounts.tsx';
import { FindingsView } from './views/findings.tsx';
import { Overview } from './views/overview.tsx';
import { RunView } from './views/run.tsx';
import { ServicesView } from './views/services.tsx';
import { shortName } from './data/model.ts';
import { StatusTag, Text } from './ui/parts.tsx';
import { linkTo, views, type Route } from './data/address.ts';
import { useRoute } from './ui/route.ts';
import './style.css';

function App({ report }: { readonly report: Report }): JSX.Element {
  const route = useRoute();
  const { run, generatedAt } = report.head;
  const heading = useRef<HTMLHeadingElement>(null);
  const place = `${route.view} ${route.query.get('arn') ?? ''}`;
  const first = useRef(true);
  const title = titleOf(route);
  useEffect(() => {
    document.title = `${title} · IAM audit ${run.runId}`;
    if (first.current) {
      first.current = false;
      return;
    }
    scrollTo(0, 0);
    heading.current?.focus();
  }, [place]);
  useSearchKey();
  return (
    <>
      <header class="top">
        <a
          class="skip"
          href={location.hash === '' ? '#/overview' : location.hash}
          onClick={(event) => {
            event.preventDefault();
            heading.current?.focus();
          }}
        >
          Skip to the content
        </a>
        <div class="brand">
          <span class="logo" aria-hidden="true" />
          <div>
            <strong>IAM audit</strong>
            <span class="quiet">
              {run.startedAt.slice(0, 10)} ·{' '}
              <Text>
                {run.accounts.length === 1 ? (run.accounts[0]?.accountId ?? '') : `${run.accounts.length} accounts`}
              </Text>
            </span>
          </div>
          <StatusTag status={run.status} />
        </div>
        <nav aria-label="Views">
          <ul>
            {views.map(([id, name]) => (
              <li key={id}>
                <a href={linkTo(id)} aria-current={isCurrent(route, id) ? 'page' : undefined}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <ThemeButton />
      </header>
      <main>
        <h1 ref={heading} tabIndex={-1}>
          <Text>{title}</Text>
        </h1>
        <SafeView key={route.view} report={report} route={route} />
        <footer class="quiet">
          Run {run.runId}. Generated {generatedAt.slice(0, 19).replace('T', ' ')} UTC. This file makes no requests: it
          has all its data.
        </footer>
      </main>
    </>
  );
}

const isCurrent = (route: Route, id: string): boolean =>
  route.view === id || (route.view === 'principal' && id === 'principals');

function titleOf({ view, query }: Route): string {
  if (view === 'principal') return shortName(query.get('arn') ?? '');
  return views.find(([id]) => id === view)?.[1] ?? '';
}

interface ViewProps {
  readonly report: Report;
  readonly route: Route;
}

/** An error in one view must not take the others away. */
class SafeView extends Component<ViewProps, { readonly problem: string | null }> {
  override state = { problem: null };

  static override getDerivedStateFromError(error: unknown): { readonly problem: string } {
    return { problem: messageOf(error) };
  }

  override render({ report, route }: ViewProps, { problem }: { readonly problem: string | null }): JSX.Element {
    if (problem === null) return <View report={report} route={route} />;
    return (
      <p class="note error">
        This view can’t be shown: {problem} The other views are not affected. Please report this.
      </p>
    );
  }
}

function View({ report, route }: ViewProps): JSX.Element {
  switch (route.view) {
    case 'findings':
      return <FindingsView report={report} route={route} />;
    case 'principals':
      return <PrincipalsView report={report} route={route} />;
    case 'principal':
      return <PrincipalView report={report} arn={route.query.get('arn') ?? ''} />;
    case 'map':
      return <AccessMap report={report} route={route} />;
    case 'services':
      return <ServicesView report={report} route={route} />;
    case 'accounts':
      return <AccountsView report={report} route={route} />;
    case 'run':
      return <RunView report={report} />;
    default:
      return <Overview report={report} />;
  }
}

/** `/` goes to the search of the view, as in many applications. */
function useSearchKey(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const { target } = event;
      const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const search = document.querySelector<HTMLInputElement>('[data-search]');
      if (search === null) return;
      event.preventDefault();
      search.focus();
    };
    addEventListener('keydown', pressed);
    return () => {
      removeEventListener('keydown', pressed);
    };
  }, []);
}

const themes = ['auto', 'light', 'dark'] as const;

function ThemeButton(): JSX.Element {
  const [index, setIndex] = useState(0);
  const theme = themes[index] ?? 'auto';
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <button
      type="button"
      class="theme"
      onClick={() => {
        setIndex((index + 1) % themes.length);
      }}
    >
      Theme: {theme}
    </button>
  );
}

async function start(): Promise<void> {
  const root = document.getElementById('app');
  const data = document.getElementById('report-data');
  if (root === null) return;
  let report: Report;
  try {
    report = await readReport(data?.textContent ?? '');
  } catch (error: unknown) {
    const loading = document.getElementById('loading');
    if (loading === null) throw error;
    loading.className = 'note error';
    loading.textContent = `${messageOf(error)} The summary above is of the same run, and findings.csv beside this file has all findings.`;
    return;
  }
  data?.remove();
  root.replaceChildren();
  render(<App report={report} />, root);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

void start();
