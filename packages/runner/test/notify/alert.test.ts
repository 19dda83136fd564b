import type { NormalisedNotify, Report } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { alertAfter } from '../../src/notify/alert.ts'
import type { Ended } from '../../src/notify/ended.ts'

const TARGET: NormalisedNotify = {
  kind: 'webhook',
  url: '${HOOK}',
  secret: null,
  on: ['failed', 'stopped', 'recovered', 'frozen'],
  rejected: null,
  deadLetters: null,
  durationMs: null,
  silenceMs: null,
  againMs: 3_600_000,
}

const MINUTE = 60_000

/** All that alerts look at of the report of a retry. */
const RETRIED: Partial<Report> = {
  kind: 'retry',
  rejected: { count: 0, of: 0 },
  dead_letters: 0,
  seconds: 1,
}

/** A run every ten minutes, by a letter each, oldest first: w(ell), f(ailed), a(bandoned), i(nterrupted), h(eld by another), r(etried well), R(etried and failed). */
function runsOf(ends: string): readonly Ended[] {
  const statuses = {
    w: 'done',
    f: 'failed',
    a: 'abandoned',
    i: 'interrupted',
    h: 'failed',
    r: 'done',
    R: 'failed',
  } as const
  const codes: Readonly<Record<string, string>> = {
    f: 'DESTINATION_AUTH',
    R: 'DESTINATION_AUTH',
    h: 'STATE_LEASE_HELD',
  }
  return [...ends]
    .map((end, at): Ended => ({
      number: at + 1,
      status: statuses[end as keyof typeof statuses],
      error:
        codes[end] === undefined
          ? null
          : { code: codes[end], message: '', hint: null, place: null },
      guards: [],
      report: 'rR'.includes(end) ? (RETRIED as Report) : null,
      startedMs: at * 10 * MINUTE,
      endedMs: at * 10 * MINUTE + 1000,
    }))
    .toReversed()
}

/** What is told after each of these runs. */
function told(ends: string, target: Partial<NormalisedNotify> = {}): readonly string[] {
  return [...ends].map(
    (_, at) =>
      alertAfter({ ...TARGET, ...target }, runsOf(ends.slice(0, at + 1)), 'local')?.event ?? '-',
  )
}

describe('what is told after each run', () => {
  it.each([
    ['wwf', ['-', '-', 'failed']],
    ['fw', ['failed', 'recovered']],
    ['ffww', ['failed', '-', 'recovered', '-']],
    // Once an hour while it lasts.
    ['ffffffffw', ['failed', '-', '-', '-', '-', '-', 'failed', '-', 'recovered']],
    // Nobody could tell of the run that was killed.
    ['waw', ['-', 'failed', 'recovered']],
    // An interrupted run says nothing of how things are.
    ['fifw', ['failed', '-', '-', 'recovered']],
    ['wiw', ['-', '-', '-']],
    // Another run at work is told once it is in the way twice.
    ['whw', ['-', '-', '-']],
    ['whhw', ['-', '-', 'failed', 'recovered']],
    ['fhw', ['failed', '-', 'recovered']],
    // Letters that could be sent again say nothing of the next run.
    ['frw', ['failed', '-', 'recovered']],
    ['frf', ['failed', '-', '-']],
    ['wRrw', ['-', 'failed', 'recovered', '-']],
    ['wRw', ['-', 'failed', 'recovered']],
  ])('%s', (ends, expected) => {
    expect(told(ends)).toEqual(expected)
  })

  it('is what somebody wants to know', () => {
    expect(told('fwfw', { on: ['failed'] })).toEqual(['failed', '-', 'failed', '-'])
    expect(told('fw', { on: [] })).toEqual(['-', '-'])
    expect(told('fff', { againMs: 0 })).toEqual(['failed', 'failed', 'failed'])
  })

  it('is silence where no run ended well for too long', () => {
    expect(told('wfffw', { on: [], silenceMs: 15 * MINUTE })).toEqual([
      '-',
      '-',
      'silence',
      '-',
      '-',
    ])
  })
})
