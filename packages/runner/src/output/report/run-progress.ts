import type { PlanSummary } from '@engage-sync/core'
import type { EngineEvent, Observer } from '../../engine/index.ts'
import type { Io } from '../../process/io.ts'
import { safeLine } from '../text/safe-text.ts'
import { countOf, formatSeconds } from '../text/numbers.ts'
import { createRunLog } from './run-log.ts'
import { createProgress } from './progress.ts'
import type { ProgressState } from './progress.ts'

/** Shows a run's events as they come: progress, and what a person should know at once. */
export interface RunProgress {
  readonly observe: Observer
  /** Takes the live line away. */
  close(): void
}

/** Progress of one run, on standard error. */
export function createRunProgress(
  io: Pick<Io, 'stderr' | 'env' | 'now' | 'log' | 'quiet'>,
): RunProgress {
  if (io.log !== undefined) return createRunLog(io.log, io.now)
  if (io.quiet === true) return { observe: () => undefined, close: () => undefined }
  const progress = createProgress(io)
  const read = new Map<string, number>()
  let state = NOT_BEGUN
  // Many requests wait at once: the first of them speaks for the others.
  let toldUntil = 0
  const say = (text: string) => {
    progress.close()
    io.stderr.write(`${text}\n`)
  }
  return {
    observe(event) {
      const line = event.type === 'unavailable' && io.now() < toldUntil ? null : lineOf(event)
      if (event.type === 'unavailable' && line !== null) toldUntil = io.now() + event.ms
      if (line !== null) say(line)
      if (event.type === 'read') read.set(event.source, event.records)
      state = nextState(
        state,
        event,
        [...read.values()].reduce((sum, count) => sum + count, 0),
      )
      progress.update(state)
    },
    close: () => progress.close(),
  }
}

const NOT_BEGUN: ProgressState = {
  phase: 'reading',
  records: 0,
  requests: 0,
  dataPoints: 0,
  sending: null,
}

function nextState(state: ProgressState, event: EngineEvent, records: number): ProgressState {
  switch (event.type) {
    case 'read':
      return { ...state, phase: 'reading', records }
    case 'sent':
      return { ...state, phase: 'sending', ...sentSoFar(state, event) }
    case 'planned':
      return { ...state, phase: 'planned', sending: { changes: 0, of: changesOf(event.summary) } }
    case 'asked':
      return { ...state, asking: { users: event.users, of: event.of } }
    case 'settling':
      return { ...state, phase: 'waiting for Braze to settle' }
    case 'verifying':
      return { ...state, phase: `waiting to verify ${countOf(event.requests, 'request')}` }
    default:
      return state
  }
}

function sentSoFar(
  { sending }: ProgressState,
  { requests, dataPoints, changes }: Extract<EngineEvent, { readonly type: 'sent' }>,
): Omit<ProgressState, 'phase' | 'records'> {
  return { requests, dataPoints, sending: { changes, of: Math.max(changes, sending?.of ?? 0) } }
}

function changesOf({ attributes, events, cohortAdds, cohortRemovals }: PlanSummary): number {
  return attributes + events + cohortAdds + cohortRemovals
}

/** What deserves a line of its own. */
function lineOf(event: EngineEvent): string | null {
  if (event.type === 'recovered')
    return `A former run ended early: ${countOf(event.marks, 'request')} without a known answer, decided now.`
  if (event.type === 'planned' && event.passes > 1)
    return `The rows exceed the memory budget: the sources are read in ${event.passes} passes. A larger --memory-budget is faster.`
  if (event.type === 'restarted')
    return `Part ${event.part} of ${event.of} was killed: another process goes on with it.`
  if (event.type === 'settling' && event.ms >= 1000)
    return `Waiting ${formatSeconds(event.ms / 1000)} so that Braze knows the new users.`
  if (event.type === 'verifying' && event.ms >= 1000)
    return `Waiting ${formatSeconds(event.ms / 1000)} to verify ${countOf(event.requests, 'request')} without an answer.`
  if (event.type === 'held')
    return `Waiting ${formatSeconds(event.ms / 1000)} for Braze's rate limit.`
  if (event.type === 'unavailable')
    return `Braze is not available (${safeLine(event.reason)}): the next try is in ${formatSeconds(event.ms / 1000)}.`
  return null
}
