import { describe, expect, it } from 'vitest'
import { OpenRequest } from '../../src/packing/open-request.ts'
import type { Item } from '../../src/packing/open-request.ts'

const LIMITS = { path: '/users/track', objects: 3, perArray: false, perUser: 2, bytes: 100 }
const item = (kind: 'attributes' | 'event', text: string): Item => ({
  part: { update: 1, kind, ref: kind === 'event' ? 0 : -1 },
  text,
  mostBytes: text.length,
  needsMark: kind === 'event',
})

function body(open: OpenRequest): string {
  return Buffer.from(open.take().body).toString('utf8')
}

describe('OpenRequest', () => {
  it.each([
    [['attributes'], '{"attributes":[{}]}'],
    [['event'], '{"events":[{}]}'],
    [['event', 'attributes'], '{"attributes":[{}],"events":[{}]}'],
  ] as const)('writes %j', (kinds, expected) => {
    const open = new OpenRequest(LIMITS)
    open.put(kinds.map((kind) => item(kind, '{}')))

    expect(body(open)).toBe(expected)
  })

  it('counts objects together, or per array', () => {
    const combined = new OpenRequest(LIMITS)
    const perArray = new OpenRequest({ ...LIMITS, perArray: true })
    for (const open of [combined, perArray])
      open.put([item('attributes', '{}'), item('attributes', '{}'), item('attributes', '{}')])

    expect([combined.isFull, perArray.isFull]).toEqual([true, false])
    expect([
      combined.hasRoom(0, 1, 10),
      perArray.hasRoom(0, 1, 10),
      perArray.hasRoom(1, 0, 10),
    ]).toEqual([false, true, false])
  })

  it('keeps to the bytes, the frame included', () => {
    const open = new OpenRequest(LIMITS)
    const frame = '{"attributes":[],"events":[]}'.length

    expect(open.hasRoom(1, 1, LIMITS.bytes - frame)).toBe(true)
    expect(open.hasRoom(1, 1, LIMITS.bytes - frame + 1)).toBe(false)
  })

  it('keeps to the objects of one user', () => {
    expect(new OpenRequest(LIMITS).hasRoom(1, 2, 10)).toBe(false)
  })

  it('begins anew, with another holder and without mark', () => {
    const open = new OpenRequest(LIMITS)
    open.put([item('event', '{}')])
    const first = open.take()
    open.put([item('attributes', '{}')])
    const second = open.take()

    expect([first.needsMark, second.needsMark]).toEqual([true, false])
    expect(first.holder).not.toBe(second.holder)
  })
})
