import type { Io } from '../../process/io.ts'
import { CLEAR_LINE } from '../../process/marks.ts'
import { coloursFor } from '../text/colours.ts'
import { countOf, formatCount, formatSeconds } from '../text/numbers.ts'
import { shorten } from '../text/table.ts'

/** Where a run stands. */
export interface ProgressState {
  /** What it does now. */
  readonly phase: string
  readonly records: number
  readonly requests: number
  readonly dataPoints: number
}

/** Shows where a run stands, on standard error. */
export interface Progress {
  /** Cheap enough to call for every chunk and every answer. */
  update(state: ProgressState): void
  /** Takes the live line away. */
  close(): void
}

const LIVE_EVERY_MS = 100
const PLAIN_EVERY_MS = 5000

/**
 * Progress of a run.
 *
 * Shape: one line that renews itself on a terminal; elsewhere a plain line every five seconds, so
 * that a log stays short.
 */
export function createProgress(io: Pick<Io, 'stderr' | 'env' | 'now'>): Progress {
  const startedAt = io.now()
  const live = io.stderr.isTTY && io.env['TERM'] !== 'dumb' && !io.env['CI']
  const colours = coloursFor(io.stderr, io.env)
  const everyMs = live ? LIVE_EVERY_MS : PLAIN_EVERY_MS
  let shownAt = live ? Number.NEGATIVE_INFINITY : startedAt
  return {
    update(state) {
      const now = io.now()
      if (now - shownAt < everyMs) return
      shownAt = now
      const line = progressLine(state, (now - startedAt) / 1000)
      io.stderr.write(
        live ? `${CLEAR_LINE}${colours.cyan(shorten(line, io.stderr.columns - 1))}` : `${line}\n`,
      )
    },
    close() {
      if (live && shownAt !== Number.NEGATIVE_INFINITY) io.stderr.write(CLEAR_LINE)
    },
  }
}

/** One line: phase, records and their rate, requests, data points, time. */
export function progressLine(state: ProgressState, seconds: number): string {
  const rate = seconds > 0 ? ` (${formatCount(state.records / seconds)}/s)` : ''
  const parts = [`${state.phase}  ${countOf(state.records, 'record')}${rate}`]
  if (state.requests > 0)
    parts.push(countOf(state.requests, 'request'), countOf(state.dataPoints, 'data point'))
  parts.push(formatSeconds(seconds))
  return parts.join(' · ')
}
