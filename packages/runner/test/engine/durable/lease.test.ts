import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { StateStore } from '@engage-sync/core'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { ownerName } from '../../../src/engine/durable/lease-owner.ts'
import { takeLease } from '../../../src/engine/durable/lease.ts'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { endUnnoticed } from '../../ended-process.ts'
import { tempDirectory } from '../../temp-directory.ts'

const TTL_MS = 600_000
let path: string

beforeEach(() => {
  path = join(tempDirectory({}), 'state.sqlite')
})

function open(): StateStore {
  const store = openSqlite({
    path,
    environment: 'local',
    workspace: 'simulator',
    create: true,
    now: Date.now,
  })
  onTestFinished(() => store.close())
  return store
}

/**
 * The name a process of this machine holds a lease under. @param start - '' as in older versions,
 * or 0: long ago
 */
function nameOf(pid: number, start: '' | '0'): string {
  const [host, , space] = ownerName().split(':')
  return [host, pid, space, ...(start === '' ? [] : [start])].join(':')
}

async function leftBy(owner: string): Promise<void> {
  await open().acquireLease(owner, TTL_MS)
}

/** Takes the lease and lets it go; the epoch it had. */
async function take(store = open()): Promise<number> {
  const lease = await takeLease(store, { waitMs: 0 })
  onTestFinished(() => lease.release())
  return lease.current.epoch
}

async function running(): Promise<number> {
  const child = spawn('sleep', ['120'])
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'spawn')
  return child.pid!
}

async function ended(): Promise<number> {
  const child = spawn('true')
  await once(child, 'close')
  return child.pid!
}

describe.skipIf(process.platform !== 'linux')('a lease is taken over at once', () => {
  it('from a process that is gone', async () => {
    await leftBy(nameOf(await ended(), ''))

    expect(await take()).toBe(2)
  })

  it('from a process that ended, though nobody asked for its end', async () => {
    await leftBy(nameOf(await endUnnoticed('true'), ''))

    expect(await take()).toBe(2)
  })

  it('from a process whose number another one has by now', async () => {
    await leftBy(nameOf(await running(), '0'))

    expect(await take()).toBe(2)
  })

  it('from a process that had the number of this one, as in a container that was started again', async () => {
    await leftBy(nameOf(process.pid, '0'))

    expect(await take()).toBe(2)
  })

  it('from a command as from a run', async () => {
    await leftBy(`${nameOf(await ended(), '0')} (state forget)`)

    expect(await take()).toBe(2)
  })
})

describe('a lease that somebody else has', () => {
  it('is waited for no longer once the wait is to end', async () => {
    await leftBy(nameOf(await running(), ''))
    const stop = new AbortController()

    const taken = takeLease(open(), { waitMs: TTL_MS, signal: stop.signal })
    stop.abort()

    await expect(taken).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a lease is left alone', () => {
  it('while its process runs', async () => {
    await leftBy(nameOf(await running(), ''))

    await expect(take()).rejects.toMatchObject({ code: 'STATE_LEASE_HELD' })
  })

  it.each([undefined, 'state forget'])('while this process has it (%s)', async (command) => {
    await leftBy(ownerName(command))

    await expect(take()).rejects.toMatchObject({ code: 'STATE_LEASE_HELD' })
  })

  it('where its process is none of this machine', async () => {
    const [, ...rest] = nameOf(await ended(), '').split(':')
    await leftBy(['elsewhere', ...rest].join(':'))

    await expect(take()).rejects.toMatchObject({ code: 'STATE_LEASE_HELD' })
  })

  it('when another run took it from the dead one a moment earlier', async () => {
    await leftBy(nameOf(await ended(), ''))
    const faster = open()
    const store = open()
    const look = store.currentLease.bind(store)
    store.currentLease = async () => {
      const seen = await look()
      if (seen?.epoch === 1) await take(faster)
      return seen
    }

    await expect(take(store)).rejects.toMatchObject({ code: 'STATE_LEASE_HELD' })
    expect(await look()).toMatchObject({ epoch: 2, owner: ownerName() })
  })
})
