import { describe, expect, it } from 'vitest'
import type { BrazeError } from '../../src/errors.ts'
import { endpointOf, INSTANCES } from '../../src/exchange/instances.ts'

describe('endpointOf', () => {
  it.each([
    ['US-03', 'https://rest.iad-03.braze.com'],
    ['us-03', 'https://rest.iad-03.braze.com'],
    ['US-10', 'https://rest.us-10.braze.com'],
    ['EU-02', 'https://rest.fra-02.braze.eu'],
    ['KR-01', 'https://rest.kr-01.braze.com'],
    ['https://rest.iad-01.braze.com/', 'https://rest.iad-01.braze.com'],
    ['https://proxy.example/braze//', 'https://proxy.example/braze'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
    ['http://localhost:4000/', 'http://localhost:4000'],
    ['http://[::1]:4000', 'http://[::1]:4000'],
  ])('of %s is %s', (given, expected) => {
    expect(endpointOf(given)).toBe(expected)
  })

  it.each([
    '',
    'US-99',
    'rest.iad-01.braze.com',
    'http://rest.iad-01.braze.com',
    'http://127.evil.example',
    'ftp://127.0.0.1',
    'https://user:secret@rest.iad-01.braze.com',
    'https://dashboard-03.braze.com',
    'https://sdk.iad-01.braze.com',
    'https://rest.iad-01.braze.com.evil.example',
    'https://rest.iad-01.brаze.com',
  ])('refuses %j, without repeating it', (given) => {
    expect(() => endpointOf(given)).toThrow(expect.objectContaining({ code: 'BRAZE_ENDPOINT' }))
    if (given.length > 10) expect(() => endpointOf(given)).not.toThrow(given)
  })

  it('names the host that was meant', () => {
    const hint = (given: string) => {
      try {
        return endpointOf(given)
      } catch (error) {
        return (error as BrazeError).hint
      }
    }

    expect(hint('https://dashboard-03.braze.com')).toContain('https://rest.iad-03.braze.com')
    expect(hint('https://dashboard-01.braze.eu/sign_in')).toContain('https://rest.fra-01.braze.eu')
    expect(hint('https://sdk.us-10.braze.com')).toContain('https://rest.us-10.braze.com')
  })

  it('knows all instances by https', () => {
    expect(Object.keys(INSTANCES)).toHaveLength(15)
    for (const name of Object.keys(INSTANCES)) expect(endpointOf(name)).toMatch(/^https:\/\/rest\./)
  })
})
