import { Metrics } from '@aws-lambda-powertools/metrics';
import { figureDimension, figureMetrics, type Figures } from '../../core/contract/operations/run-metrics.ts';

/**
 * Makes a function that logs metrics in CloudWatch's embedded metric format, in one line of JSON. CloudWatch Logs makes the
 * metrics from the line, so no permission is needed.
 */
export function embeddedMetrics(namespace: string): (figures: Figures) => void {
  const metrics = new Metrics({ namespace, serviceName: figureDimension.service });
  return (figures) => {
    let any = false;
    for (const [key, [name, unit]] of metricsByKey) {
      const value = figures[key];
      if (value === undefined) continue;
      metrics.addMetric(name, unit, value);
      any = true;
    }
    if (any) metrics.publishStoredMetrics();
  };
}

const keys = Object.keys(figureMetrics).filter((key): key is keyof typeof figureMetrics => key in figureMetrics);
const metricsByKey = keys.map((key) => [key, figureMetrics[key]] as const);
