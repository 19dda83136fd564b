import { afterEach, describe, expect, it } from 'vitest'
import { drawnFor, sampled, testSeed } from '../src/random/seed.ts'

const before = { ...process.env }
afterEach(() => {
  process.env = { ...before }
})

describe('the seed of a run', () => {
  it('is drawn once, and repeated where it is given', () => {
    const env: NodeJS.ProcessEnv = {}
    const drawn = testSeed(env)

    expect(testSeed(env)).toBe(drawn)
    expect(testSeed({ ENGAGE_SYNC_SEED: '7' })).toBe(7)
    expect(() => testSeed({ ENGAGE_SYNC_SEED: 'seven' })).toThrow('ENGAGE_SYNC_SEED')
  })

  it('gives each purpose numbers of its own, and the same again', () => {
    process.env['ENGAGE_SYNC_SEED'] = '7'
    const numbers = (purpose: string) => [1, 2, 3].map(() => drawnFor(purpose).uint32())

    expect(numbers('a kill')).toEqual(numbers('a kill'))
    expect(numbers('a kill')).not.toEqual(numbers('a life'))
  })
})

describe('a sample of a matrix', () => {
  const all = ['a', 'b', 'c', 'd', 'e']

  it('is as large as wanted, in order, and another by another seed', () => {
    delete process.env['ENGAGE_SYNC_WHOLE']
    const samples = Array.from({ length: 20 }, (_, seed) => {
      process.env['ENGAGE_SYNC_SEED'] = String(seed)
      return sampled('letters', all, 2).join('')
    })

    expect(samples.every((sample) => /^a?b?c?d?e?$/.test(sample) && sample.length === 2)).toBe(true)
    expect(new Set(samples).size).toBeGreaterThan(4)
  })

  it('is the whole in a soak', () => {
    process.env['ENGAGE_SYNC_WHOLE'] = 'yes'

    expect(sampled('letters', all, 2)).toEqual(all)
  })
})
