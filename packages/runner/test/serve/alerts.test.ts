import type { NormalisedNotify } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { NO_RECORDS } from '../../src/engine/stream/index.ts'
import { ServerAlerts } from '../../src/serve/alerts.ts'
import type { Condition } from '../../src/serve/desk/index.ts'
import type { OpenEnvironment } from '../../src/workspace/environment/open-environment.ts'
import { fakeIo } from '../fake-io.ts'
import { startReceiver } from '../notify/receiver.ts'
import { anEnvironment } from '../state/an-environment.ts'

const FINE: Condition = {
  status: {
    state: 'running',
    reason: null,
    lastTurnMs: 0,
    windows: 1,
    records: NO_RECORDS,
    lag: null,
    heldUsers: 0,
    frozen: [],
    lastWindow: null,
  },
  closed: new Map(),
  braze: null,
  isDraining: false,
  isHandedOver: false,
  refusedConfiguration: null,
}

const DOWN: Condition = {
  ...FINE,
  braze: {
    code: 'DESTINATION_UNAVAILABLE',
    message: 'Braze takes no requests',
    hint: null,
    place: null,
  },
}

const FROZEN: Condition['status']['frozen'][number] = {
  mapping: 'shoppers:audiences.vip',
  guard: 'removals',
  sinceMs: 0,
  held: 67,
  allow: 'removals=shoppers:audiences.vip',
}

async function watching(on: NormalisedNotify['on'] = ['failed', 'recovered', 'frozen']) {
  const receiver = await startReceiver()
  const target: NormalisedNotify = {
    kind: 'webhook',
    url: '${HOOK}',
    secret: null,
    on,
    rejected: null,
    deadLetters: null,
    durationMs: null,
    silenceMs: null,
    againMs: 3_600_000,
  }
  let minutes = 0
  const io = fakeIo({ now: () => minutes * 60_000 })
  const alerts = new ServerAlerts(io)
  const opened = {
    environment: { ...anEnvironment({}), notify: [target] },
    secrets: { env: { HOOK: receiver.url }, readFile: () => '' },
  } as unknown as OpenEnvironment
  return {
    events: () =>
      receiver.received.map(({ body }) => (JSON.parse(body) as { event: string }).event),
    received: receiver.received,
    at: async (minute: number, condition: Condition) => {
      minutes = minute
      await alerts.look(condition, opened)
    },
  }
}

describe('alerts of a server', () => {
  it('tell of a part that is not ready for a minute, once an hour, and that all is well again', async () => {
    const { at, events } = await watching()
    await at(0, DOWN)
    expect(events()).toEqual([])

    for (const minute of [1, 2, 30, 62]) await at(minute, DOWN)
    await at(63, FINE)
    await at(64, FINE)

    expect(events()).toEqual(['failed', 'failed', 'recovered'])
  })

  it('tell nothing of what passes by itself, and of a server that ends', async () => {
    const { at, events } = await watching()

    await at(0, DOWN)
    await at(0.5, FINE)
    await at(1, DOWN)
    await at(1.5, FINE)
    for (const minute of [10, 20]) await at(minute, { ...DOWN, isDraining: true })
    for (const minute of [30, 40]) await at(minute, { ...FINE, isHandedOver: true })

    expect(events()).toEqual([])
  })

  it('tell of a frozen mapping at once, with what lets it go on', async () => {
    const { at, events, received } = await watching(['frozen'])

    await at(0, { ...DOWN, status: { ...FINE.status, frozen: [FROZEN] } })
    await at(2, { ...DOWN, status: { ...FINE.status, frozen: [FROZEN] } })

    expect(events()).toEqual(['frozen'])
    expect(received[0]?.body).toContain(
      'shoppers:audiences.vip is frozen: max_removals holds 67 changes of it. If that is meant: engage-sync allow removals=shoppers:audiences.vip',
    )
  })
})
