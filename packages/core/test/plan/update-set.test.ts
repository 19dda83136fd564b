import { expect, it } from 'vitest'
import { UpdateSet } from '../../src/index.ts'

it('holds what was added of each user, at 16 to 32 bytes a part, and says how many bytes that is', () => {
  const set = new UpdateSet()
  for (let at = 0; at < 5000; at++) set.add(`user ${at}`, 'plan=pro')

  expect(set.has('user 4999', 'plan=pro')).toBe(true)
  expect(set.has('user 5000', 'plan=pro')).toBe(false)
  expect(set.has('user 1', 'plan=free')).toBe(false)
  expect(set.size).toBe(5000)
  expect(set.byteLength / set.size).toBeGreaterThanOrEqual(16)
  expect(set.byteLength / set.size).toBeLessThanOrEqual(32)
  set.clear()
  expect(set.has('user 1', 'plan=pro')).toBe(false)
})
