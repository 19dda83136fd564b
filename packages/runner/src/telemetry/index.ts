/**
 * OpenTelemetry: a run as a trace, its figures as metrics, where the standard variables ask for that. Nothing is loaded
 * and nothing is sent otherwise.
 */
export { withTelemetry } from './with-telemetry.ts'
export type { Telling } from './with-telemetry.ts'
