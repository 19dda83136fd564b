import type * as Otel from '@opentelemetry/api'
import type { Metric } from '../output/formats/open-metrics.ts'
import { SCOPE } from './sdk.ts'
import type { OtelApi } from './sdk.ts'

/** A metric's name as OpenTelemetry has it: a point where ours has the first bar. */
export function otelName(name: string): string {
  return name.replace(/^engage_sync_/, 'engage_sync.')
}

/** Records figures once, as gauges. */
export function recordFigures(api: OtelApi, environment: string, figures: readonly Metric[]): void {
  const meter = api.metrics.getMeter(...SCOPE)
  for (const { name, help, samples } of figures) {
    const gauge = meter.createGauge(otelName(name), { description: help })
    for (const { labels, value } of samples) gauge.record(value, { environment, ...labels })
  }
}

/**
 * Has figures looked at whenever they are sent.
 *
 * @param look - gives the same metrics each time, with the values of now
 */
export function followFigures(
  api: OtelApi,
  environment: () => string,
  look: () => readonly Metric[],
): void {
  const meter = api.metrics.getMeter(...SCOPE)
  const instruments = new Map<string, Otel.Observable>()
  for (const { name, help, type } of look()) {
    const options = { description: help }
    const make = type === 'counter' ? 'createObservableCounter' : 'createObservableGauge'
    instruments.set(name, meter[make](otelName(name), options))
  }
  meter.addBatchObservableCallback(
    (result) => {
      for (const { name, samples } of look()) {
        const instrument = instruments.get(name)
        if (instrument === undefined) continue
        for (const { labels, value } of samples)
          result.observe(instrument, value, { environment: environment(), ...labels })
      }
    },
    [...instruments.values()],
  )
}
