import { describe, expect, it } from 'vitest'
import { refuseEmptySource } from '../../../src/engine/guards/index.ts'

describe('a source that is empty though it held records', () => {
  it.each([
    ['nothing allows it', 'stop', []],
    ['another source is allowed', 'stop', ['empty_source=people']],
    ['another guard is allowed', 'stop', ['deletions']],
  ] as const)('stops a run where %s', (_, emptySource, allow) => {
    expect(() => refuseEmptySource('engage', { emptySource }, allow)).toThrow(
      expect.objectContaining({
        code: 'GUARD_EMPTY_SOURCE',
        hint: expect.stringContaining('--allow empty_source=engage'),
      }),
    )
  })

  it.each([
    ['the project allows it', 'allow', []],
    ['all sources are allowed', 'stop', ['empty_source']],
    ['this one is allowed', 'stop', ['empty_source=engage']],
  ] as const)('passes where %s', (_, emptySource, allow) => {
    expect(() => refuseEmptySource('engage', { emptySource }, allow)).not.toThrow()
  })
})
