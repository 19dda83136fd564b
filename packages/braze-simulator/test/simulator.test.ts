import { afterEach, describe, expect, it } from 'vitest'
import { startSimulator } from '../src/index.ts'
import type { Simulator } from '../src/index.ts'

let simulator: Simulator | null = null
afterEach(async () => {
  await simulator?.close()
  simulator = null
})

describe('startSimulator', () => {
  it('takes what a sync sends and shows it', async () => {
    simulator = await startSimulator()

    const answer = await fetch(`${simulator.url}/users/track`, {
      method: 'POST',
      headers: { authorization: 'Bearer simulator', 'content-type': 'application/json' },
      body: JSON.stringify({ attributes: [{ external_id: 'u1', plan: 'gold' }] }),
    })
    simulator.settle()

    expect([answer.status, await answer.json()]).toEqual([
      201,
      { attributes_processed: 1, message: 'success' },
    ])
    expect(await (await fetch(`${simulator.url}/simulator/users/u1`)).json()).toMatchObject({
      external_id: 'u1',
      custom_attributes: { plan: 'gold' },
      custom_events: [],
      cohorts: [],
    })
  })

  it('refuses other keys', async () => {
    simulator = await startSimulator()

    const answer = await fetch(`${simulator.url}/users/track`, {
      method: 'POST',
      headers: { authorization: 'Bearer other' },
      body: '{}',
    })

    expect(answer.status).toBe(401)
  })
})
