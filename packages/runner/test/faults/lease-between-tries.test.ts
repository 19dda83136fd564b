import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Sea } from './sea.ts'

const LEASE_MS = 300

it('tries nothing again once another run took the lease', async () => {
  const sea = await Sea.open()
  const before = await sea.dump()
  sea.addFault({ kind: 'status', status: 429, retry_after: 1, probability: 1 })
  const ending = sea.run({ leaseTtlMs: LEASE_MS }).then(
    ({ failure }) => failure,
    (error: unknown) => error,
  )
  const refused = await refusals(sea)

  const other = await sea.openStore()
  await other.breakLease()
  await other.close()
  sea.simulator.clearFaults()
  const failure = await ending

  expect(refused).toBeGreaterThan(0)
  expect(failure).toMatchObject({ code: 'STATE_LEASE_LOST' })
  expect(await refusalsSoFar(sea)).toBe(refused)
  expect(heldOf(await sea.dump())).toEqual(heldOf(before))
  await sea.close()
})

/** How many tries were refused, once no more come. */
async function refusals(sea: Sea): Promise<number> {
  let count = 0
  for (;;) {
    await sleep(100)
    const now = await refusalsSoFar(sea)
    if (now > 0 && now === count) return now
    count = now
  }
}

async function refusalsSoFar({ simulator }: Sea): Promise<number> {
  const answer = await fetch(`${simulator.url}/simulator/requests?limit=1000`)
  const { requests } = (await answer.json()) as { requests: readonly { status: number }[] }
  return requests.filter(({ status }) => status === 429).length
}

/** All but what requests cost. */
function heldOf({ users, cohorts }: Awaited<ReturnType<Sea['dump']>>) {
  return { users, cohorts }
}
