import type { FaultOptions } from '@engage-sync/braze-simulator'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { EngineEvent, RunResult } from '../../src/engine/index.ts'
import { addsUp, eventDifference, recoveredOf, withoutEvents } from '../crash/compare.ts'
import type { Dump } from '../crash/world.ts'
import { eventText } from '../engine/harness.ts'
import { Sea } from './sea.ts'
import type { SeaOptions } from './sea.ts'

const TRACK = '/users/track'
const EXPORT = '/users/export/*'
/** Longer than a simulator on a busy machine takes, and short for a test. */
const VERIFY_AFTER_MS = 400

let server: PostgresServer
let calm: Dump
let sea: Sea

beforeAll(async () => {
  server = await startPostgres()
  const quiet = await Sea.open()
  await quiet.runToEnd()
  calm = await quiet.dump()
  await quiet.close()
})
afterAll(() => server.stop())
afterEach(() => sea.close())

let schemas = 0
async function inPostgres() {
  const { openPostgres } = await import('../../src/state/postgres/open-postgres.ts')
  const schema = `rounds_${++schemas}`
  const url = `${server.url}?schema=${schema}`
  return () => openPostgres({ url, environment: schema, workspace: 'sea', create: true })
}

/** A sea whose second phase waits, with these faults from now on. */
async function rough(faults: readonly FaultOptions[], options: SeaOptions = {}): Promise<Sea> {
  sea = await Sea.open({ verifyAfterMs: VERIFY_AFTER_MS, ...options })
  for (const fault of faults) sea.addFault(fault)
  return sea
}

async function openMarks(): Promise<number> {
  const store = await sea.openStore()
  const marks = await store.openMarks()
  await store.close()
  return marks.length
}

/** Ended by itself as if nothing had happened. */
function expectDone({ report, failure }: RunResult): void {
  expect({ failure, status: report.status, addsUp: addsUp(report) }).toEqual({
    failure: null,
    status: 'done',
    addsUp: true,
  })
}

const ONE_IN_TEN: readonly FaultOptions[] = [false, true].flatMap((after) => [
  { kind: 'reset', path: TRACK, probability: 0.1, after_apply: after },
  { kind: 'reset', path: '/users/identify', probability: 0.1, after_apply: after },
])
/** Few requests are sent in a phase, so that chance may spare them all: these never are. */
const CUT: readonly FaultOptions[] = [
  { kind: 'reset', path: TRACK, next: 1 },
  { kind: 'reset', path: TRACK, next: 1, skip: 1, after_apply: true },
]

describe.each([
  ['SQLite', false],
  ['PostgreSQL', true],
] as const)('one request in ten cut off, over %s', (_, isPostgres) => {
  it('ends in one run as if nothing had been', async () => {
    const store = isPostgres ? { openStore: await inPostgres() } : {}
    await rough([...ONE_IN_TEN, ...CUT], { ...store, verifyAfterMs: 1000 })
    const told: EngineEvent[] = []

    const result = await sea.run({ observe: (event) => told.push(event) })
    const dump = await sea.dump()
    const { report } = result
    const marks = await openMarks()
    const again = await sea.run()

    expectDone(result)
    expect(withoutEvents(dump)).toEqual(withoutEvents(calm))
    expect(eventDifference(dump, calm)).toEqual({ more: 0, fewer: 0 })
    expect(report.braze.events + report.recovered.verified).toBe(
      calm.ledger['events'] - sea.eventsBefore,
    )
    expect(report.rounds!.requests).toBeGreaterThan(1)
    expect(told.filter(({ type }) => type === 'verifying').length).toBeGreaterThan(0)
    expect(marks).toBe(0)
    expect(again.report.braze).toMatchObject({ requests: 0, events: 0, attributes: 0 })
  })
})

describe('a request without an answer', () => {
  it('whose events are there is believed at once', async () => {
    await rough([{ kind: 'reset', path: TRACK, after_apply: true, next: 1 }], {
      verifyAfterMs: 60_000,
    })

    const result = await sea.run()

    expectDone(result)
    expect(result.report.rounds).toMatchObject({ rounds: 1, requests: 1 })
    expect(result.report.recovered.verified).toBeGreaterThan(0)
    expect(eventDifference(await sea.dump(), calm)).toEqual({ more: 0, fewer: 0 })
  })

  it('whose events are not there is believed only once they had time to arrive', async () => {
    const isLate = { kind: 'reset', path: TRACK, after_apply: true, next: 1 } as const
    await rough([isLate], { verifyAfterMs: 4000 })
    const told: EngineEvent[] = []
    const { simulator } = sea
    // Nothing is applied before the run waits for it.
    simulator.settings.applyDelayMs = 60_000
    const observe = (event: EngineEvent) => {
      told.push(event)
      if (event.type !== 'verifying') return
      simulator.settings.applyDelayMs = 0
      simulator.settle()
    }

    const result = await sea.run({ observe })
    const dump = await sea.dump()

    expectDone(result)
    expect(told.find(({ type }) => type === 'verifying')).toMatchObject({ requests: 1 })
    expect(result.report.recovered.repeated).toBe(0)
    expect(eventDifference(dump, calm)).toEqual({ more: 0, fewer: 0 })
  })

  it.each([
    ['repeat', false, { more: 0, fewer: 0 }],
    ['skip', true, { more: 0, fewer: 0 }],
  ] as const)('is not asked for with on_unknown: %s', async (onUnknown, afterApply, difference) => {
    await rough([{ kind: 'reset', path: TRACK, after_apply: afterApply, next: 1 }], {
      verifyAfterMs: 60_000,
    })
    const told: EngineEvent[] = []

    const result = await sea.run({ onUnknown, observe: (event) => told.push(event) })
    const dump = await sea.dump()
    const { repeated, skipped, verified } = recoveredOf([result.report])

    expectDone(result)
    expect(told.filter(({ type }) => type === 'verifying')).toEqual([])
    expect({ verified, isTold: (onUnknown === 'repeat' ? repeated : skipped) > 0 }).toEqual({
      verified: 0,
      isTold: true,
    })
    expect(withoutEvents(dump)).toEqual(withoutEvents(calm))
    expect(eventDifference(dump, calm)).toEqual(difference)
  })

  it('is left to the next run after three rounds', async () => {
    await rough([{ kind: 'reset', path: TRACK, probability: 1 }], { verifyAfterMs: 20 })

    const first = await sea.run()
    const left = await openMarks()
    sea.simulator.clearFaults()
    const second = await sea.run()

    expect(first.report).toMatchObject({ status: 'partial', rounds: { rounds: 3 } })
    expect(first.report.braze.pending).toBeGreaterThan(0)
    expect(left).toBeGreaterThan(0)
    expectDone(second)
    expect(withoutEvents(await sea.dump())).toEqual(withoutEvents(calm))
    expect(eventDifference(await sea.dump(), calm)).toEqual({ more: 0, fewer: 0 })
  })

  it('is left to the next run when the waiting is interrupted', async () => {
    await rough([{ kind: 'reset', path: TRACK, next: 1 }], { verifyAfterMs: 60_000 })
    const interrupt = new AbortController()
    const observe = ({ type }: EngineEvent) => type === 'verifying' && interrupt.abort()

    const first = await sea.run({
      signal: interrupt.signal,
      observe: (event) => void observe(event),
    })
    const left = await openMarks()
    const second = await sea.run({ onUnknown: 'repeat' })

    expect(first.report).toMatchObject({ status: 'interrupted' })
    expect(first.report.rounds).toBeUndefined()
    expect(left).toBe(1)
    expectDone(second)
    expect(withoutEvents(await sea.dump())).toEqual(withoutEvents(calm))
    expect(eventDifference(await sea.dump(), calm)).toEqual({ more: 0, fewer: 0 })
  })

  it('is left to the next run, and the others are delivered, when Braze does not say', async () => {
    await rough([
      { kind: 'reset', path: TRACK, next: 1 },
      { kind: 'status', status: 403, path: EXPORT, next: 1 },
    ])

    const first = await sea.run()
    const second = await sea.run()

    expect(first.failure).toMatchObject({ code: 'DESTINATION_AUTH' })
    expect(first.report.braze.attributes).toBeGreaterThan(0)
    expectDone(second)
    expect(withoutEvents(await sea.dump())).toEqual(withoutEvents(calm))
    expect(eventDifference(await sea.dump(), calm)).toEqual({ more: 0, fewer: 0 })
  })

  it('costs none of the events that were answered before it', async () => {
    sea = await Sea.open()
    await sea.runToEnd()
    const start = Date.now()
    sea.addLines(
      Array.from({ length: 200 }, (_, n) =>
        eventText({ user: 'busy', trait: 'worth', value: n % 7, at: start + n }),
      ),
    )
    // Seventy-five events a request: the second of three is cut off, and the third waits for it.
    sea.addFault({ kind: 'reset', path: TRACK, next: 1, skip: 1 })

    const result = await sea.run()
    await sea.dump()
    const held = (await (await fetch(`${sea.simulator.url}/simulator/users/busy`)).json()) as {
      readonly custom_events: readonly { readonly count: number }[]
    }

    expectDone(result)
    expect(result.report.rounds).toMatchObject({ rounds: 1, requests: 1 })
    expect(result.report.braze.events).toBe(200)
    expect(held.custom_events.map(({ count }) => count)).toEqual([200])
  })
})
