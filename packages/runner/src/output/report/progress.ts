import type { Io } from '../../process/io.ts'
import { CLEAR_LINE } from '../../process/marks.ts'
import { coloursFor } from '../text/colours.ts'
import { countOf, formatCount, formatSeconds, formatShare } from '../text/numbers.ts'
import { shorten } from '../text/table.ts'

/** Where a run stands. */
export interface ProgressState {
  /** What it does now. */
  readonly phase: string
  readonly records: number
  readonly requests: number
  readonly dataPoints: number
  /** How far sending is; null before it begins. */
  readonly sending: { readonly changes: number; readonly of: number } | null
  /** How far asking is, instead; left out where nobody is asked. */
  readonly asking?: { readonly users: number; readonly of: number }
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
  let sendingAt: number | null = null
  let shownAt = live ? Number.NEGATIVE_INFINITY : startedAt
  return {
    update(state) {
      const now = io.now()
      if (state.sending !== null) sendingAt ??= now
      if (now - shownAt < everyMs) return
      shownAt = now
      const seconds = {
        inAll: (now - startedAt) / 1000,
        sending: (now - (sendingAt ?? now)) / 1000,
      }
      const line = progressLine(state, seconds)
      io.stderr.write(
        live ? `${CLEAR_LINE}${colours.cyan(shorten(line, io.stderr.columns - 1))}` : `${line}\n`,
      )
    },
    close() {
      if (live && shownAt !== Number.NEGATIVE_INFINITY) io.stderr.write(CLEAR_LINE)
    },
  }
}

/** Since the run began, and since it began to send. */
export interface ProgressSeconds {
  readonly inAll: number
  readonly sending: number
}

/**
 * One line: while reading, the records and their rate; while sending, the share of the planned
 * changes, requests, data points, and the time that is left at the pace so far; then the time since
 * it began.
 */
export function progressLine(state: ProgressState, seconds: ProgressSeconds): string {
  return [...partsOf(state, seconds), formatSeconds(seconds.inAll)].join(' · ')
}

function partsOf(state: ProgressState, seconds: ProgressSeconds): readonly string[] {
  if (state.asking !== undefined) return askingParts(state.asking, seconds)
  return state.sending === null ? readingParts(state, seconds) : sendingParts(state, seconds)
}

function askingParts(
  { users, of }: NonNullable<ProgressState['asking']>,
  { sending }: ProgressSeconds,
): readonly string[] {
  const parts = [`asking  ${formatShare(users, of)} of ${countOf(of, 'user')}`]
  const left = secondsLeft(users / of, sending)
  return left === null ? parts : [...parts, `${formatSeconds(left)} left`]
}

function readingParts({ phase, records }: ProgressState, { inAll }: ProgressSeconds): string[] {
  const rate = inAll > 0 ? ` (${formatCount(records / inAll)}/s)` : ''
  return [`${phase}  ${countOf(records, 'record')}${rate}`]
}

function sendingParts(state: ProgressState, seconds: ProgressSeconds): string[] {
  const { phase, sending, requests, dataPoints } = state
  const { changes, of } = sending ?? { changes: 0, of: 0 }
  const parts = [
    `${phase}  ${formatShare(changes, of)} of ${countOf(of, 'change')}`,
    countOf(requests, 'request'),
    countOf(dataPoints, 'data point'),
  ]
  const left = secondsLeft(changes / of, seconds.sending)
  return left === null ? parts : [...parts, `${formatSeconds(left)} left`]
}

/** Too early a guess is none: below this share, or this many seconds, nothing is said. */
const LEAST_SHARE = 0.02
const LEAST_SECONDS = 1

function secondsLeft(share: number, seconds: number): number | null {
  if (!(share >= LEAST_SHARE && share < 1) || seconds < LEAST_SECONDS) return null
  return (seconds / share) * (1 - share)
}
