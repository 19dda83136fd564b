import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { eventDifference, withoutEvents } from '../crash/compare.ts'
import { Sea } from './sea.ts'

const OWNER = fileURLToPath(new URL('owner.ts', import.meta.url))
const LEASE_MS = 1500

it('lets a frozen owner that wakes after its lease was taken send nothing more', async () => {
  const calm = await Sea.open()
  await calm.runToEnd()
  const wanted = await calm.dump()
  await calm.close()
  const sea = await Sea.open()
  sea.addFault({ kind: 'slow', delay_ms: 400, probability: 1 })
  const owner = spawn(
    process.execPath,
    [
      '--conditions=engage-sync-source',
      '--no-warnings',
      OWNER,
      sea.simulator.url,
      sea.directory,
      String(sea.birthMs),
      String(LEASE_MS),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const said: string[] = []
  const firstSent = new Promise<void>((resolve) =>
    owner.stdout.on('data', (text: Buffer) => {
      said.push(...text.toString().trim().split('\n'))
      if (said.includes('sent')) resolve()
    }),
  )
  const ended = new Promise((resolve) => owner.once('exit', resolve))

  await firstSent
  sea.simulator.clearFaults()
  const taken = await sea.run({ waitForLeaseMs: 20_000 })
  const before = await sea.dump()
  owner.kill('SIGCONT')
  await ended
  const after = await sea.dump()
  await sea.runToEnd()
  const dump = await sea.dump()
  await sea.close()

  expect(taken.failure).toBeNull()
  expect(said.at(-1)).toBe('ended STATE_LEASE_LOST')
  expect(after).toEqual(before)
  expect(withoutEvents(dump)).toEqual(withoutEvents(wanted))
  expect(eventDifference(dump, wanted)).toEqual({ more: 0, fewer: 0 })
}, 60_000)
