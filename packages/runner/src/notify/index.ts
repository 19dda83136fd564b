/**
 * Alerts: who is told when a run does not go well, and when it does again.
 *
 * What is told follows from the history alone, so that any machine can tell it. A receiver that is down changes nothing
 * about a run.
 */
export type { Alert } from './alert.ts'
export { endedRun } from './ended.ts'
export { nameOf, tell } from './tell.ts'
export { silenceTroubles } from './troubles.ts'
export { withAlerts } from './with-alerts.ts'
