import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { StateStore } from '@engage-sync/core'
import { drawnFor, startPostgres } from '@engage-sync/testkit'
import { describe, expect, it } from 'vitest'
import { openPostgres } from '../../src/state/postgres/open-postgres.ts'
import { openSqlite } from '../../src/state/sqlite/open-sqlite.ts'
import { readCounting, upTo } from './counting-state.ts'

const CHILD = new URL('counting-child.ts', import.meta.url).pathname
/** The longest a child lives after its first commit, milliseconds. */
const LIFE_MS = 40

type Child = ChildProcessByStdio<Writable, Readable, null>

/** Starts a child that waits for a line before it touches the state. */
function startChild(place: string): Child {
  return spawn(process.execPath, ['--conditions=engage-sync-source', CHILD, place], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

/**
 * Lets a child count, kills it after some of its life, and gives the last number it said was
 * durable.
 */
async function killWhileCounting(child: Child, afterMs: number): Promise<number> {
  let said = ''
  let timer: NodeJS.Timeout | undefined
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString()
    timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs)
  })
  child.stdin.write('go\n')
  await new Promise((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  expect(child.signalCode).toBe('SIGKILL')
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1))
}

async function killAndCheck(
  place: string,
  cycles: number,
  open: () => Promise<StateStore>,
): Promise<void> {
  const random = drawnFor(`kills of ${new URL(place, 'file:').protocol}`)
  let next = startChild(place)
  let total = 0
  for (let cycle = 0; cycle < cycles; cycle++) {
    const child = next
    next = startChild(place)
    const acknowledged = await killWhileCounting(child, random.next() * LIFE_MS)
    const store = await open()
    // A server may still hold the last statement of the dead process; under a new epoch it can
    // write no more.
    await store.acquireLease('the test', 0)
    const { numbers, last } = await readCounting(store)
    await store.close()

    expect(numbers).toEqual(upTo(numbers.length))
    expect(last).toEqual([numbers.length, numbers.length, numbers.length])
    expect([acknowledged, acknowledged + 1]).toContain(numbers.length)
    expect(numbers.length).toBeGreaterThan(total)
    total = numbers.length
  }
  next.kill('SIGKILL')
  const store = await open()
  const problems = (await store.check()).filter((problem) => !/partition/i.test(problem))
  expect(problems).toEqual([])
  await store.close()
}

const expected = { environment: 'local', workspace: 'simulator', create: false }

describe('a process killed while it commits', () => {
  it(
    'loses nothing it was told is durable, and leaves nothing half, in SQLite',
    { timeout: 120_000 },
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'engage-sync-killed-'))
      const path = join(directory, 'state.sqlite')

      await killAndCheck(path, 10, async () => openSqlite({ ...expected, path, now: Date.now }))

      rmSync(directory, { recursive: true, force: true })
    },
  )

  it(
    'loses nothing it was told is durable, and leaves nothing half, in PostgreSQL',
    { timeout: 120_000 },
    async () => {
      const server = await startPostgres()

      await killAndCheck(server.url, 5, () => openPostgres({ ...expected, url: server.url }))

      await server.stop()
    },
  )
})
