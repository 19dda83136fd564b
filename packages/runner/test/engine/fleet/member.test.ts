import type { Beat, StateStore } from '@engage-sync/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Member } from '../../../src/engine/fleet/member.ts'

const TTL_MS = 400
const CARD = { worker: 'one', url: null, fingerprint: 'f', demand: 64 }
const MEMBERSHIP = { worker: 'one', epoch: 1, expiresAt: 0 }
const BEAT: Beat = {
  membership: MEMBERSHIP,
  owned: [1],
  wanted: [],
  fleet: { workers: [], owners: [], nowMs: 0, epoch: 0 },
}

/** A state that answers, until it does not. */
function aState() {
  const state = { isCutOff: false }
  const store = {
    join: async () => MEMBERSHIP,
    beat: () => (state.isCutOff ? new Promise(() => undefined) : Promise.resolve(BEAT)),
  } as unknown as StateStore
  return { state, store }
}

describe('a member of the fleet', () => {
  beforeEach(() =>
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    }),
  )
  afterEach(() => vi.useRealTimers())

  it('that is cut off gives up when the others may take it for gone, and not a beat later', async () => {
    const { state, store } = aState()
    const member = await Member.join(store, CARD, TTL_MS)
    await vi.advanceTimersByTimeAsync(10)
    await member.beat()
    state.isCutOff = true

    await vi.advanceTimersByTimeAsync(TTL_MS - 1)
    expect(member.lost.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(member.lost.aborted).toBe(true)
    expect(member.lost.reason).toMatchObject({ code: 'STATE_LEASE_LOST' })
  })

  it('that could not be heard of at all is none: nothing beats for it', async () => {
    const { store } = aState()
    const left: unknown[] = []
    store.beat = () => Promise.reject(new Error('the state is away'))
    store.leave = async (member) => void left.push(member)

    await expect(Member.join(store, CARD, TTL_MS)).rejects.toThrow('away')

    expect([left, vi.getTimerCount()]).toEqual([[MEMBERSHIP], 0])
  })

  it('that is heard of stays one', async () => {
    const { store } = aState()
    const member = await Member.join(store, CARD, TTL_MS)

    await vi.advanceTimersByTimeAsync(10 * TTL_MS)

    expect(member.lost.aborted).toBe(false)
    await expect(member.ensure()).resolves.toBeUndefined()
  })
})
