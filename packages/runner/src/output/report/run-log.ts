import type { EngineEvent, Observer } from '../../engine/index.ts'
import type { Io, LogEntry } from '../../process/io.ts'

/** Reading, asking and sending tell of every chunk; a log line every so often is enough, milliseconds. */
const EVERY_MS = 5000

/** Writes a run's events as they come. */
export interface RunLog {
  readonly observe: Observer
  /** Writes what was held back. */
  close(): void
}

/**
 * A run's events as lines of a JSON log: each when it comes, those of every chunk and request once
 * in five seconds, and the last of them.
 */
export function createRunLog(log: NonNullable<Io['log']>, now: Io['now']): RunLog {
  const due = new Map<string, number>()
  let held: EngineEvent | null = null
  const write = (event: EngineEvent) => log(entryOf(event))
  const flush = () => {
    if (held !== null) write(held)
    held = null
  }
  return {
    observe(event) {
      if (held !== null && held.type !== event.type) flush()
      if (event.type !== 'read' && event.type !== 'sent' && event.type !== 'asked')
        return write(event)
      held = event
      if (now() < (due.get(event.type) ?? now() + EVERY_MS)) {
        if (!due.has(event.type)) due.set(event.type, now() + EVERY_MS)
        return
      }
      due.set(event.type, now() + EVERY_MS)
      flush()
    },
    close: flush,
  }
}

function entryOf(event: EngineEvent): LogEntry {
  const { type, ...facts } = event
  if (event.type === 'planned') {
    const { users, attributes, events, cohortAdds, cohortRemovals, dataPoints } = event.summary
    const memberships = { cohort_adds: cohortAdds, cohort_removals: cohortRemovals }
    const summary = { users, attributes, events, ...memberships, data_points: dataPoints }
    return { level: 'info', event: type, passes: event.passes, ...summary }
  }
  if (event.type === 'guarded') return { level: 'info', event: type, guards: event.stops.length }
  if (event.type === 'asked')
    return { level: 'info', event: type, users: event.users, of: event.of }
  if (event.type !== 'sent') return { level: 'info', event: type, ...facts }
  const { requests, updates, dataPoints, changes } = event
  return { level: 'info', event: type, requests, updates, data_points: dataPoints, changes }
}
