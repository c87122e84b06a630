import { figureMetrics, runMetrics } from '../../core/contract/operations/run-metrics.ts';
import { resourcesOfType, templateOf, type Json } from '../support/template.ts';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: { readonly title?: string; readonly markdown?: string; readonly metrics?: unknown[][] };
}

/** The body of the dashboard, with its references resolved. */
function bodyOf(settings: Json = {}): { readonly widgets: Widget[] } {
  const [dashboard] = resourcesOfType('AWS::CloudWatch::Dashboard', templateOf({ stackName: 'Audit', ...settings }));
  const { 'Fn::Join': join } = dashboard!.Properties.DashboardBody as { 'Fn::Join': [string, unknown[]] };
  const text = join[1].map((part) => (typeof part === 'string' ? part : 'eu-west-1')).join(join[0]);
  return JSON.parse(text) as { widgets: Widget[] };
}

test('its JSON shows every metric of the audit, in the namespace and with the dimension that the functions log', () => {
  const shown = bodyOf().widgets.flatMap(({ properties }) => properties.metrics ?? []);
  const names = shown.map(([, name]) => name);
  expect(new Set(shown.map(([namespace]) => namespace))).toEqual(new Set(['IamAudit/Audit']));
  expect(new Set(names)).toEqual(
    new Set([
      ...Object.values(figureMetrics).map(([name]) => name),
      ...Object.values(runMetrics).filter((name) => name !== 'RunSucceeded'),
    ]),
  );
  const embedded = new Set<unknown>(Object.values(figureMetrics).map(([name]) => name));
  for (const metric of shown) {
    const dimensions = metric.slice(2).filter((part) => typeof part === 'string');
    expect(dimensions).toEqual(embedded.has(metric[1]) ? ['service', 'iam-audit'] : []);
  }
});

test('its widgets have titles, stay inside the 24 columns, and do not overlap', () => {
  const { widgets } = bodyOf();
  const cells = new Set<string>();
  for (const { type, x, y, width, height, properties } of widgets) {
    if (type === 'metric') expect(properties.title).toMatch(/\w/);
    expect(x + width).toBeLessThanOrEqual(24);
    for (let column = x; column < x + width; column += 1) {
      for (let row = y; row < y + height; row += 1) {
        expect(cells.has(`${column} ${row}`)).toBe(false);
        cells.add(`${column} ${row}`);
      }
    }
  }
  expect(widgets).toHaveLength(8);
});

test('it links to the runbook if the settings say where that is', () => {
  expect(bodyOf().widgets[0]?.properties.markdown).toContain('docs/runbook.md');
  expect(bodyOf({ runbookUrl: 'https://wiki.example.com/audit' }).widgets[0]?.properties.markdown).toContain(
    '[Runbook](https://wiki.example.com/audit)',
  );
});

test('the setting dashboard omits it', () => {
  expect(resourcesOfType('AWS::CloudWatch::Dashboard', templateOf({ dashboard: false }))).toEqual([]);
});
