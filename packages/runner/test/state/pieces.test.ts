import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StateStore } from '@engage-sync/core'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer, RawRow, RawTables } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgres } from '../../src/state/postgres/open-postgres.ts'
import { openSqlite } from '../../src/state/sqlite/open-sqlite.ts'
import { postgresTables } from './postgres/raw-tables.ts'
import { sqliteTables } from './sqlite/raw-tables.ts'

const EXPECTED = { environment: 'local', workspace: 'simulator', create: true }

let server: PostgresServer
let directory: string
let states = 0
beforeAll(async () => {
  server = await startPostgres()
  directory = mkdtempSync(join(tmpdir(), 'engage-sync-pieces-'))
})
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await server.stop()
})

interface Place {
  readonly tables: RawTables
  open(pieceBytes?: number): Promise<StateStore>
}

const inSqlite = (): Place => {
  const path = join(directory, `${++states}.sqlite`)
  return {
    tables: sqliteTables(path),
    open: async (pieceBytes) =>
      openSqlite({
        ...EXPECTED,
        path,
        now: Date.now,
        ...(pieceBytes !== undefined && { pieceBytes }),
      }),
  }
}
const inPostgres = (): Place => {
  const schema = `pieces_${++states}`
  const url = `${server.url}?schema=${schema}`
  return {
    tables: postgresTables(server.url, schema),
    open: (pieceBytes) =>
      openPostgres({ ...EXPECTED, url, ...(pieceBytes !== undefined && { pieceBytes }) }),
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? undefined)
const LONG = 'a snapshot of some pieces'

describe.each([
  ['SQLite', inSqlite],
  ['PostgreSQL', inPostgres],
] as const)('a snapshot that is larger than a piece, in %s,', (_, place) => {
  /** A state whose snapshots are in pieces of eight bytes, and one of those. */
  async function inPieces() {
    const { tables, open } = place()
    const store = await open(8)
    const { epoch } = await store.acquireLease('the test', 60_000)
    const write = (text: string, partition = 3) =>
      store.commit({ epoch, snapshots: [{ partition, bytes: bytesOf(text) }] })
    await write(LONG)
    await write(`${LONG} of another partition`, 4)
    await store.commit({ epoch, deltas: [{ partition: 3, bytes: bytesOf('delta') }] })
    return { store, tables, epoch, write }
  }

  it('is read whole, whoever puts another one in its place meanwhile', async () => {
    const { open } = place()
    const writer = await open(8)
    const reader = await open(8)
    const { epoch } = await writer.acquireLease('the test', 60_000)
    const texts = ['long ', 'longer ', 'the longest '].map((text) => text.repeat(20))
    const write = (at: number) =>
      writer.commit({
        epoch,
        snapshots: [{ partition: 3, bytes: bytesOf(texts[at % texts.length] ?? '') }],
      })
    await write(0)
    let isDone = false
    const writing = (async () => {
      for (let at = 0; !isDone; at++) await write(at)
    })()

    for (let round = 0; round < 20; round++)
      expect(texts).toContain(textOf((await reader.loadPartition(3)).snapshot))
    isDone = true
    await writing
    await writer.close()
    await reader.close()
  })

  it('is read as it was written, and measured', async () => {
    const { store } = await inPieces()

    const { snapshot, deltas } = await store.loadPartition(3)
    expect([textOf(snapshot), deltas.map(textOf)]).toEqual([LONG, ['delta']])
    expect(await store.sizes()).toMatchObject([
      { partition: 3, snapshotBytes: LONG.length, deltaBytes: 5 },
      { partition: 4, snapshotBytes: LONG.length + 21 },
    ])
    expect((await store.check()).join()).not.toContain('not whole')
    await store.close()
  })

  it('makes way for the next one, whole', async () => {
    const { store, tables, write } = await inPieces()

    await write(`${LONG}, and some more`)
    expect(textOf((await store.loadPartition(3)).snapshot)).toBe(`${LONG}, and some more`)
    await write('short')

    expect(textOf((await store.loadPartition(3)).snapshot)).toBe('short')
    const left = await tables.read('pieces')
    expect(left.map(({ partition }) => Number(partition))).toEqual(left.map(() => 4))
    await store.close()
  })

  it('is not there before all of it is', async () => {
    const { store, tables, epoch, write } = await inPieces()
    const own = (await tables.read('pieces')).filter(({ partition }) => partition === 3)
    const stray = own.map((row) => ({ ...row, generation: 7 }))
    await tables.write('pieces', [...(await tables.read('pieces')), ...stray])

    expect(textOf((await store.loadPartition(3)).snapshot)).toBe(LONG)
    const lost = store.commit({
      epoch: epoch - 1,
      snapshots: [{ partition: 3, bytes: bytesOf(`${LONG} of nobody`) }],
    })
    await expect(lost).rejects.toMatchObject({ code: 'STATE_LEASE_LOST' })
    expect(textOf((await store.loadPartition(3)).snapshot)).toBe(LONG)
    await write(`${LONG} again`)

    expect(textOf((await store.loadPartition(3)).snapshot)).toBe(`${LONG} again`)
    const generations = (await tables.read('pieces'))
      .filter(({ partition }) => partition === 3)
      .map(({ generation }) => Number(generation))
    expect(new Set(generations).size).toBe(1)
    await store.close()
  })

  it('is refused where a piece is missing, moved, doubled or changed', async () => {
    const { store, tables } = await inPieces()
    const rows = await tables.read('pieces')
    const at = rows.findIndex(({ partition }) => partition === 3)
    const row = rows[at]
    const damaged: readonly (readonly RawRow[])[] = [
      rows.toSpliced(at, 1),
      rows.with(at, { ...row, piece: 9 }),
      rows.with(at, { ...row, generation: 9 }),
      rows.with(at, { ...row, partition: 5 }),
      rows.with(at, { ...row, bytes: bytesOf('changed!') }),
      [...rows, { ...row, piece: 9 }],
      rows.map((one, index) => (index < 2 ? { ...one, bytes: rows[1 - index]['bytes'] } : one)),
    ]
    for (const some of damaged) {
      await tables.write('pieces', some)
      await expect(store.loadPartition(3)).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
    }
    await tables.write('pieces', rows)
    const heads = await tables.read('snapshots')
    await tables.write(
      'snapshots',
      heads.map((head) => ({ ...head, generation: 9 })),
    )
    await expect(store.loadPartition(3)).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
    await store.close()
  })

  it('is in pieces of 8 MB', async () => {
    const { tables, open } = place()
    const store = await open()
    const { epoch } = await store.acquireLease('the test', 60_000)
    const bytes = Uint8Array.from({ length: 20_000_000 }, (__, index) => (index * 7919) & 0xff)
    await store.commit({ epoch, snapshots: [{ partition: 1, bytes }] })

    expect(Buffer.compare((await store.loadPartition(1)).snapshot!, bytes)).toBe(0)
    expect(await tables.read('pieces')).toHaveLength(2)
    await store.close()
  })
})
