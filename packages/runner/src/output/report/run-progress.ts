import type { EngineEvent, Observer } from '../../engine/index.ts'
import type { Io } from '../../process/io.ts'
import { countOf, formatSeconds } from '../text/numbers.ts'
import { createProgress } from './progress.ts'
import type { ProgressState } from './progress.ts'

/** Shows a run's events as they come: progress, and what a person should know at once. */
export interface RunProgress {
  readonly observe: Observer
  /** Takes the live line away. */
  close(): void
}

/** Progress of one run, on standard error. */
export function createRunProgress(io: Pick<Io, 'stderr' | 'env' | 'now'>): RunProgress {
  const progress = createProgress(io)
  const read = new Map<string, number>()
  let state: ProgressState = { phase: 'reading', records: 0, requests: 0, dataPoints: 0 }
  const say = (text: string) => {
    progress.close()
    io.stderr.write(`${text}\n`)
  }
  return {
    observe(event) {
      const line = lineOf(event)
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

function nextState(state: ProgressState, event: EngineEvent, records: number): ProgressState {
  switch (event.type) {
    case 'read':
      return { ...state, phase: 'reading', records }
    case 'sent':
      return { ...state, phase: 'sending', requests: event.requests, dataPoints: event.dataPoints }
    case 'planned':
      return { ...state, phase: 'planned' }
    case 'settling':
      return { ...state, phase: 'waiting for Braze to settle' }
    case 'verifying':
      return { ...state, phase: `waiting to verify ${countOf(event.requests, 'request')}` }
    default:
      return state
  }
}

/** What deserves a line of its own. */
function lineOf(event: EngineEvent): string | null {
  if (event.type === 'recovered')
    return `A former run ended early: ${countOf(event.marks, 'request')} without a known answer, decided now.`
  if (event.type === 'planned' && event.passes > 1)
    return `The rows exceed the memory budget: the sources are read in ${event.passes} passes. A larger --memory-budget is faster.`
  if (event.type === 'settling' && event.ms >= 1000)
    return `Waiting ${formatSeconds(event.ms / 1000)} so that Braze knows the new users.`
  if (event.type === 'verifying' && event.ms >= 1000)
    return `Waiting ${formatSeconds(event.ms / 1000)} to verify ${countOf(event.requests, 'request')} without an answer.`
  if (event.type === 'held')
    return `Waiting ${formatSeconds(event.ms / 1000)} for Braze's rate limit.`
  return null
}
