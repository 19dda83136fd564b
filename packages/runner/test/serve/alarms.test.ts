import type { NormalisedNotify } from '@engage-sync/core'
import { expect, it } from 'vitest'
import { NO_RECORDS } from '../../src/engine/stream/index.ts'
import { Alarms } from '../../src/serve/alarms.ts'
import type { Alarmed } from '../../src/serve/alarms.ts'

const MINUTE = 60_000
const TARGET: NormalisedNotify = {
  kind: 'slack',
  url: '',
  secret: null,
  on: ['failed', 'stopped', 'recovered', 'frozen', 'silence'],
  rejected: null,
  deadLetters: null,
  durationMs: null,
  silenceMs: null,
  againMs: 10 * MINUTE,
}
const STATUS: Alarmed['condition']['status'] = {
  state: 'running',
  reason: null,
  lastTurnMs: 0,
  windows: 0,
  records: NO_RECORDS,
  lag: null,
  heldUsers: 0,
  frozen: [],
  lastWindow: null,
}
const BRAZE = {
  code: 'DESTINATION_UNAVAILABLE',
  message: 'Braze takes no requests',
  hint: null,
  place: null,
}

function silence(minute: number, isSilent = false): Alarmed['silences'][number] {
  return { source: 'engage', sinceMs: 0, quietMs: minute * MINUTE, limitMs: null, isSilent }
}

function at(minute: number, condition: Partial<Alarmed['condition']> = {}): Alarmed {
  return {
    nowMs: minute * MINUTE,
    silences: [silence(minute)],
    condition: {
      status: STATUS,
      closed: new Map(),
      isDraining: false,
      isHandedOver: false,
      braze: null,
      refusedConfiguration: null,
      ...condition,
    },
  }
}

/** What is told, minute by minute. */
function told(alarms: Alarms, target: NormalisedNotify, looks: readonly Alarmed[]) {
  return looks.flatMap((look) =>
    alarms.look([target], look).map(({ alert }) => [look.nowMs / MINUTE, alert.event]),
  )
}

it('tells what lasts for a minute, again while it lasts, and that all is well, once', () => {
  const looks = Array.from({ length: 15 }, (_, minute) => at(minute, { braze: BRAZE }))

  expect(told(new Alarms('production'), TARGET, [at(0), ...looks, at(15), at(16)])).toEqual([
    [1, 'failed'],
    [11, 'failed'],
    [15, 'recovered'],
  ])
  const short = [at(0, { braze: BRAZE }), at(0.9, { braze: BRAZE }), at(1), at(3)]
  expect(told(new Alarms('production'), TARGET, short)).toEqual([])
})

function frozenBy(guard: 'removals' | 'additions') {
  const mapping = 'shop:audiences.vip'
  return { mapping, guard, sinceMs: 0, held: 70, allow: `${guard}=${mapping}` }
}

it('says what is wrong, and how to let a frozen membership go on, at once', () => {
  const frozen = frozenBy('removals')
  const [found] = new Alarms('production').look(
    [TARGET],
    at(0, { status: { ...STATUS, frozen: [frozen] } }),
  )

  expect(found?.alert).toMatchObject({ event: 'frozen', environment: 'production', run: null })
  expect(found?.alert.texts).toEqual([
    expect.stringMatching(
      /vip is frozen by removals, with something held of 70 users\..*engage-sync allow removals=shop:audiences\.vip --env production$/,
    ),
  ])
})

it('tells of each guard that froze a membership', () => {
  const [removals, additions] = [frozenBy('removals'), frozenBy('additions')]
  const looks = [[removals], [removals, additions], [additions]].map((frozen, minute) =>
    at(minute, { status: { ...STATUS, frozen } }),
  )

  expect(told(new Alarms('x'), TARGET, looks)).toEqual([
    [0, 'frozen'],
    [1, 'frozen'],
  ])
})

it('leaves what is frozen for all workers to one of them', () => {
  const frozen = [frozenBy('removals')]
  const owning = (minute: number, ...partitions: readonly number[]) =>
    at(minute, { status: { ...STATUS, frozen, partitions } })
  const looks = [owning(0, 3, 4), owning(1, 0, 3), owning(2, 3), at(3)]

  expect(told(new Alarms('x'), TARGET, looks)).toEqual([
    [1, 'frozen'],
    [3, 'recovered'],
  ])
  expect(told(new Alarms('x'), TARGET, [owning(0, 3), at(1)])).toEqual([])
})

it('tells nobody who did not ask, and of nothing that is wanted so', () => {
  const looks = [0, 2, 4].map((minute) => at(minute, { braze: BRAZE }))
  expect(told(new Alarms('x'), { ...TARGET, on: ['frozen'] }, looks)).toEqual([])

  const lent = [at(0, { braze: BRAZE }), at(2, { braze: BRAZE }), at(3, { isHandedOver: true })]
  expect(told(new Alarms('x'), TARGET, [...lent, at(4, { braze: BRAZE }), at(5)])).toEqual([
    [2, 'failed'],
    [5, 'recovered'],
  ])
  const ending = [0, 2].map((minute) => at(minute, { isDraining: true, isHandedOver: true }))
  expect(told(new Alarms('x'), TARGET, ending)).toEqual([])
})

it('goes on where it was when the configuration is read anew', () => {
  const alarms = new Alarms('x')
  const looks = [0, 2].map((minute) => at(minute, { braze: BRAZE }))

  expect(told(alarms, TARGET, looks)).toEqual([[2, 'failed']])
  expect(told(alarms, { ...TARGET }, [at(3, { braze: BRAZE }), at(4)])).toEqual([[4, 'recovered']])
})

it('tells once of a source that is silent by its own measure, and that it is over', () => {
  const silent = (minute: number) => ({ ...at(minute), silences: [silence(minute, true)] })
  const looks = [at(1), silent(6), silent(8), at(9), at(10)]

  expect(told(new Alarms('x'), TARGET, looks)).toEqual([
    [6, 'silence'],
    [9, 'recovered'],
  ])
  expect(told(new Alarms('x'), { ...TARGET, on: ['failed', 'recovered'] }, looks)).toEqual([])
  expect(told(new Alarms('x'), { ...TARGET, silenceMs: 60 * MINUTE }, looks)).toEqual([])
})

it('tells of silence to those who said how long is too long', () => {
  const looks = [1, 4, 6, 8].map((minute) => at(minute))

  expect(told(new Alarms('x'), { ...TARGET, on: [], silenceMs: 5 * MINUTE }, looks)).toEqual([
    [6, 'silence'],
  ])
})
