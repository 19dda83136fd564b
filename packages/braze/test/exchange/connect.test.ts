import { describe, expect, it } from 'vitest'
import { connect, disconnect } from '../../src/exchange/connect.ts'

describe('connect', () => {
  it.each([
    [{ endpoint: 'nowhere' }, 'BRAZE_ENDPOINT'],
    [{ requestsPerSecond: 0 }, 'BRAZE_OPTION'],
    [{ requestsPerSecond: -1 }, 'BRAZE_OPTION'],
    [{ requestsPerSecond: NaN }, 'BRAZE_OPTION'],
    [{ userAgent: 'partner-Zürich\n' }, 'BRAZE_OPTION'],
    [{ apiKey: 'key\nwith a line' }, 'BRAZE_OPTION'],
    [{ concurrency: 0 }, 'BRAZE_OPTION'],
  ])('refuses %j', (options, code) => {
    expect(() => connect({ endpoint: 'US-01', apiKey: 'k', ...options })).toThrow(
      expect.objectContaining({ code }),
    )
  })

  it('opens nothing', async () => {
    const shared = connect({ endpoint: 'US-01', apiKey: 'k' })

    expect(shared.endpoint).toBe('https://rest.iad-01.braze.com')
    expect(shared.contact.made).toBe(false)
    await disconnect(shared)
  })
})
