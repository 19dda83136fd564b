import type { Io } from '../process/io.ts'

/** Variables that ask for telemetry by being there. @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
const ASKING = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
  'OTEL_METRICS_EXPORTER',
] as const

/** Whether the standard variables of OpenTelemetry ask for anything. */
export function isAsked(env: Io['env']): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false
  return ASKING.some((name) => {
    const value = env[name] ?? ''
    return value !== '' && value !== 'none'
  })
}

/** What the variables say of whoever sends: pairs of names and percent-encoded values. */
export function resourceAttributes(env: Io['env']): Readonly<Record<string, string>> {
  const pairs = (env['OTEL_RESOURCE_ATTRIBUTES'] ?? '').split(',').flatMap((pair) => {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    return at < 1 || name === '' ? [] : [[name, decoded(pair.slice(at + 1).trim())] as const]
  })
  return Object.fromEntries(pairs)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
