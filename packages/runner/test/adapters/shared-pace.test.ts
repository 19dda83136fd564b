import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { startSimulator } from '@engage-sync/braze-simulator'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openPostgres } from '../../src/state/postgres/open-postgres.ts'

const WORKER = join(import.meta.dirname, 'rate-worker.ts')
const LIMIT = 150
const WINDOW_MS = 1000

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

/** A process that sends as much as it may. */
function start(braze: string, worker: string, seconds: number) {
  const flags = ['--conditions=engage-sync-source', '--no-warnings', WORKER]
  const words = [server.url, braze, worker, String(seconds), String(LIMIT)]
  const child = spawn(process.execPath, [...flags, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, taken: text(child.stdout).then(Number) }
}

it('keeps Braze’s limit over several processes, one of which is killed, and none is turned away', async () => {
  const access = { environment: 'local', workspace: 'w', create: true } as const
  await (await openPostgres({ url: server.url, ...access })).close()
  const simulator = await startSimulator({
    settings: { trackLimit: LIMIT, trackWindowMs: WINDOW_MS },
  })

  const killed = start(simulator.url, 'killed', 60)
  const fleet = ['a', 'b', 'c'].map((worker) => start(simulator.url, worker, 5))
  await vi.waitFor(async () => expect(await counted(simulator.url)).not.toEqual({}), 30_000)
  killed.child.kill('SIGKILL')
  const taken = await Promise.all(fleet.map((one) => one.taken))
  const counts = await counted(simulator.url)
  await simulator.close()

  for (const count of taken) expect(count).toBeGreaterThan(0)
  expect(Object.keys(counts)).toEqual(['/users/track 201'])
})

/** Requests by path and status. */
async function counted(braze: string): Promise<Readonly<Record<string, number>>> {
  const answer = await fetch(`${braze}/simulator/requests`)
  return ((await answer.json()) as { counts: Record<string, number> }).counts
}
