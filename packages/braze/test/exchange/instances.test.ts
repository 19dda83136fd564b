import { describe, expect, it } from 'vitest'
import { endpointOf, INSTANCES } from '../../src/exchange/instances.ts'

describe('endpointOf', () => {
  it.each([
    ['US-03', 'https://rest.iad-03.braze.com'],
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
  ])('refuses %j, without repeating it', (given) => {
    expect(() => endpointOf(given)).toThrow(expect.objectContaining({ code: 'BRAZE_ENDPOINT' }))
    if (given.length > 10) expect(() => endpointOf(given)).not.toThrow(given)
  })

  it('knows all instances by https', () => {
    expect(Object.keys(INSTANCES)).toHaveLength(15)
    for (const name of Object.keys(INSTANCES)) expect(endpointOf(name)).toMatch(/^https:\/\/rest\./)
  })
})
