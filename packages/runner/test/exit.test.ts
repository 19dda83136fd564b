import { SyncError } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { exitCodeOf } from '../src/exit.ts'

describe('exitCodeOf', () => {
  it.each([
    ['CONFIG_INVALID', 2],
    ['CONFIG_NO_DIRECTORY', 2],
    ['SOURCE_NO_FILES', 2],
    ['SECRET_MISSING', 2],
    ['DESTINATION_UNAVAILABLE', 3],
    ['SOURCE_UNAVAILABLE', 3],
    ['STATE_UNAVAILABLE', 3],
    ['DESTINATION_AUTH', 4],
    ['SOURCE_AUTH', 4],
    ['GUARD_REMOVALS', 5],
    ['PLAN_STALE', 7],
    ['STATE_LEASE_HELD', 8],
    ['STATE_UNREADABLE', 9],
    ['STATE_NEWER', 9],
    ['STATE_FULL', 9],
    ['STATE_NOT_INITIALISED', 9],
    ['SOMETHING_ELSE', 70],
  ])('maps %s to %i', (code, exit) => {
    expect(exitCodeOf(new SyncError(code, 'text'))).toBe(exit)
  })

  it('takes an abort for an interruption', () => {
    expect(exitCodeOf(new DOMException('Stopped by SIGINT', 'AbortError'))).toBe(130)
  })

  it('takes everything unknown for a mistake of ours', () => {
    expect([exitCodeOf(new TypeError('x')), exitCodeOf('text'), exitCodeOf(undefined)]).toEqual([70, 70, 70])
  })
})
