import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { PostgresConnection } from '../../../src/state/postgres/connection/connection.ts'
import { statementName } from '../../../src/state/postgres/connection/statement-name.ts'
import { readPostgresUrl } from '../../../src/state/postgres/connection/url.ts'

const COMMIT = 'INSERT INTO commits VALUES ($1::int) RETURNING number AS held'

let server: PostgresServer
let connection: PostgresConnection
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  connection = new PostgresConnection(readPostgresUrl(server.url))
  onTestFinished(() => connection.close())
  await connection.open()
  await connection.repeatable({ text: 'CREATE TEMPORARY TABLE commits (number int)' })
})

const commit = (number: number) =>
  connection.onceNow({ text: COMMIT, values: [number], isFrequent: true })
const rowsOf = (text: string) => connection.repeatable<Record<string, unknown>>({ text })
const prepared = () => rowsOf('SELECT name, statement FROM pg_prepared_statements')
const numbers = async () => (await rowsOf('SELECT number FROM commits')).map((row) => row['number'])

it('is not made again by who asks after it was closed', async () => {
  await connection.close()

  await expect(rowsOf('SELECT 1')).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' })
})

it('is patient once for all who ask while the server is away', async () => {
  let tries = 0
  const away = createServer((socket) => {
    tries++
    socket.destroy()
  })
  await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void away.close())
  const { port } = away.address() as AddressInfo
  const place = readPostgresUrl(server.url.replace(`:${server.port}/`, `:${port}/`))
  const patience = { reconnectMs: 400, statementTimeoutMs: 5000 }
  const lost = new PostgresConnection(place, patience)

  const asked = [1, 2, 3, 4, 5].map(async () => {
    await expect(lost.repeatable({ text: 'SELECT 1' })).rejects.toMatchObject({
      code: 'STATE_UNAVAILABLE',
    })
    return tries
  })

  const [first = 0, ...others] = await Promise.all(asked)
  expect(first).toBeGreaterThan(1)
  expect(others).toEqual([1, 2, 3, 4].map((more) => first + more))
  await lost.close()
})

describe('a statement that comes again and again', () => {
  it('is read by the server once', async () => {
    for (const number of [1, 2, 3]) await commit(number)

    expect(await prepared()).toEqual([{ name: statementName(COMMIT), statement: COMMIT }])
    expect(await numbers()).toEqual([1, 2, 3])
  })

  // What a pool that deals out connections does to it.
  it.each([
    ['is forgotten', 'DEALLOCATE ALL', 1],
    ['is prepared already', `PREPARE ${statementName(COMMIT)} AS SELECT 1`, 0],
  ])('runs once, and whole from then on, where it %s', async (_, meanwhile, before) => {
    for (let number = 0; number < before; number++) await commit(number)
    await rowsOf(meanwhile)

    for (const number of [1, 2]) await commit(number)
    await rowsOf('DEALLOCATE ALL')
    await commit(3)

    expect(await numbers()).toEqual([...Array(before).keys(), 1, 2, 3])
  })
})
