import * as v from 'valibot';

/**
 * A line in CloudWatch's embedded metric format, as its specification requires it (CloudWatch User Guide, "Embedded
 * metric format specification"): at most 100 metrics, each with a number; each dimension with a text.
 */
const Line = v.looseObject({
  _aws: v.strictObject({
    Timestamp: v.pipe(v.number(), v.integer()),
    CloudWatchMetrics: v.array(
      v.strictObject({
        Namespace: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
        Dimensions: v.array(v.array(v.string())),
        Metrics: v.pipe(
          v.array(v.strictObject({ Name: v.string(), Unit: v.picklist(['Count', 'Seconds', 'Percent', 'None']) })),
          v.maxLength(100),
        ),
      }),
    ),
  }),
});

export interface EmbeddedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The metrics that CloudWatch makes from a line; none if the line is in another format. @throws if it breaks the format */
export function embeddedMetricsOf(line: unknown): EmbeddedMetric[] {
  if (typeof line !== 'object' || line === null || !('_aws' in line)) return [];
  const { _aws: directives, ...fields } = v.parse(Line, line);
  return directives.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name, Unit }) => ({
        namespace: Namespace,
        name: Name,
        unit: Unit,
        dimensions: Object.fromEntries(names.map((name) => [name, v.parse(v.string(), fields[name])])),
        value: v.parse(v.number(), fields[Name]),
      })),
    ),
  );
}
