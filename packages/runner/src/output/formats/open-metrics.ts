/** One value of a metric. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** A metric with all its values. */
export interface Metric {
  /** Without the suffix of its type. */
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: readonly Sample[]
}

/** A histogram of one set of labels. */
export interface HistogramMetric {
  readonly name: string
  readonly type: 'histogram'
  readonly help: string
  readonly series: readonly {
    readonly labels?: Readonly<Record<string, string>>
    readonly bounds: readonly number[]
    readonly counts: readonly number[]
    readonly sum: number
    readonly count: number
  }[]
}

/** What `/metrics` answers with. */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/**
 * Metrics as text.
 *
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function openMetrics(metrics: readonly (Metric | HistogramMetric)[]): string {
  return `${metrics.flatMap(linesOf).join('\n')}\n# EOF\n`
}

function linesOf(metric: Metric | HistogramMetric): readonly string[] {
  const { name, type, help } = metric
  const head = [`# TYPE ${name} ${type}`, `# HELP ${name} ${escaped(help)}`]
  if (metric.type === 'histogram')
    return [...head, ...metric.series.flatMap((one) => seriesOf(name, one))]
  const suffix = type === 'counter' ? '_total' : ''
  return [
    ...head,
    ...metric.samples.map(
      ({ labels = {}, value }) => `${name}${suffix}${labelText(labels)} ${value}`,
    ),
  ]
}

function seriesOf(
  name: string,
  { labels = {}, bounds, counts, sum, count }: HistogramMetric['series'][number],
): readonly string[] {
  let below = 0
  const buckets = bounds.map((bound, at) => {
    below += counts[at] ?? 0
    return `${name}_bucket${labelText({ ...labels, le: canonical(bound) })} ${below}`
  })
  return [
    ...buckets,
    `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`,
    `${name}_sum${labelText(labels)} ${sum}`,
    `${name}_count${labelText(labels)} ${count}`,
  ]
}

/** Numbers of buckets have a point, so that everybody names them alike. */
function canonical(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound)
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
