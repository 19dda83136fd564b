import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'
import { readCounting, upTo } from '../counting-state.ts'

const CHILD = new URL('../counting-child.ts', import.meta.url).pathname

let server: PostgresServer
let states = 0

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

interface Wire {
  readonly url: string
  /** All that programs said so far, as text. */
  heard(): string
  /** Waits until the server has done all of it, and closed. */
  done(): Promise<unknown>
}

/** Listens between a program and the server. */
async function listenIn(): Promise<Wire> {
  const heard: Buffer[] = []
  const closed: Promise<unknown>[] = []
  const listener = createServer((client) => {
    const upstream = connect(server.port, '127.0.0.1')
    for (const socket of [client, upstream]) socket.on('error', () => {})
    closed.push(once(upstream, 'close'))
    client.on('data', (bytes: Buffer) => {
      heard.push(bytes)
      upstream.write(bytes)
    })
    client.on('close', () => upstream.unpipe().resume().end())
    upstream.pipe(client)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  onTestFinished(() => void listener.close())
  const { port } = listener.address() as AddressInfo
  const url = `${server.url.replace(`:${server.port}/`, `:${port}/`)}?schema=instants_${++states}`
  return {
    url,
    heard: () => Buffer.concat(heard).toString('latin1'),
    done: () => Promise.all(closed),
  }
}

/**
 * Counts on in a state until the process dies at an instant; gives the last number it said was
 * durable.
 */
async function countUntil(killAt: string, url: string): Promise<number> {
  const child = spawn(process.execPath, ['--conditions=engage-sync-source', CHILD, url], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ENGAGE_SYNC_KILL_AT: killAt },
  })
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
  child.stdin.write('go\n')
  await once(child, 'close')
  expect(child.signalCode).toBe('SIGKILL')
  return said.split('\n').length - 1
}

describe('a start of a connection', () => {
  it('names nothing that a pool in front of the server refuses', async () => {
    const { url, heard } = await listenIn()

    const store = await openPostgres({
      url,
      environment: 'local',
      workspace: 'simulator',
      create: true,
    })
    await store.close()

    const startup = heard().slice(8, heard().indexOf('\u0000\u0000', 8))
    expect(startup).toContain('user\u0000')
    expect(startup).not.toMatch(/statement_timeout|options/)
    expect(heard()).toContain('SET statement_timeout')
  })
})

describe('a process that dies within a commit', () => {
  it.each([
    { killAt: 'in-commit:3', told: 2, held: 2, statements: 2 },
    { killAt: 'commit-sent:3', told: 2, held: 3, statements: 3 },
  ])('leaves $held of 3 at $killAt, on the way every commit takes', async (expected) => {
    const { url, heard, done } = await listenIn()

    const told = await countUntil(expected.killAt, url)
    await done()

    const store = await openPostgres({
      url,
      environment: 'local',
      workspace: 'simulator',
      create: false,
    })
    const { numbers } = await readCounting(store)
    await store.close()
    const times = (text: string) => heard().split(text).length - 1
    // Each names what it runs; the first beside the text.
    const statements = times('engage_sync_') - times('WITH held AS (UPDATE')
    expect({ ...expected, told, numbers, statements }).toEqual({
      ...expected,
      numbers: upTo(expected.held),
    })
    // One transaction makes the state; no commit has one of its own.
    expect(times('BEGIN')).toBe(1)
  })
})
