/**
 * OpenTelemetry: a command or a window as a trace, figures as metrics, where the standard variables ask for that. Nothing
 * is loaded and nothing is sent otherwise.
 */
export { withServerTelemetry } from './server-telemetry.ts'
export type { ServerTelling } from './server-telemetry.ts'
export { withTelemetry } from './with-telemetry.ts'
export type { Telling } from './with-telemetry.ts'
