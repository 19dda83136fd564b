import { beforeEach, describe, expect, it } from 'vitest'
import { READ_COLUMNS } from '../../src/profiles-sync/query.ts'
import { createProfilesSyncSource } from '../../src/profiles-sync/index.ts'
import { readChunks, readRecords } from '../read-source.ts'
import { useWarehouse } from './warehouse.ts'

const warehouse = useWarehouse()
beforeEach(async () => {
  await warehouse.tables.addTraits([{ profile: 'use_1', name: 'ltv', value: '1' }])
})

const source = (options: { url?: string; schema?: string } = {}) =>
  createProfilesSyncSource({
    url: warehouse.server.url,
    schema: warehouse.schema,
    keys: { traits: ['ltv'], audiences: [] },
    ...options,
  })
const check = (options: { url?: string; schema?: string } = {}) =>
  source(options).check!(new AbortController().signal)
const at = (table: string) => `"${warehouse.schema.replaceAll('"', '""')}".${table}`

/** The same server as somebody who may log in, and nothing else. */
async function stranger(): Promise<string> {
  await warehouse.client.query(`create role stranger_${warehouse.count} login password 'hush-hush'`)
  const url = new URL(warehouse.server.url)
  url.username = `stranger_${warehouse.count}`
  url.password = 'hush-hush'
  return url.href
}

describe('a warehouse', () => {
  it('is fine when every table and column is there and may be read', async () => {
    expect(await check()).toEqual({
      message: 'The warehouse answers, all tables and columns are there',
    })
  })

  it('is worth a look while it is empty', async () => {
    await warehouse.client.query(`delete from ${at('user_traits')}`)

    expect(await check()).toMatchObject({
      message: expect.stringContaining('empty') as string,
      hint: expect.any(String) as string,
    })
  })

  it.each(
    Object.entries(READ_COLUMNS).flatMap(([table, columns]) =>
      columns.map((column) => [table, column]),
    ),
  )('fails for %s without %s, as reading does', async (table, column) => {
    const end = (await readChunks(source())).at(-1)!.position
    await warehouse.client.query(`alter table ${at(table)} drop column "${column}" cascade`)

    await expect(check()).rejects.toMatchObject({
      code: 'SOURCE_REQUEST',
      message: expect.stringContaining(`${table} lacks ${column}`) as string,
    })
    await expect(readRecords(source(), end)).rejects.toMatchObject({ code: 'SOURCE_REQUEST' })
  })

  it('fails for all that is missing at once', async () => {
    await warehouse.client.query(`drop table ${at('profile_merges')}`)
    await warehouse.client.query(
      `alter table ${at('user_identifiers')} drop column seq, drop column type`,
    )

    await expect(check()).rejects.toMatchObject({
      message: expect.stringContaining(
        'user_identifiers lacks type, seq; there is no table profile_merges',
      ) as string,
      hint: expect.stringContaining('profiles_sync.schema') as string,
    })
    await expect(check({ schema: 'none' })).rejects.toMatchObject({
      message: expect.stringContaining('no table user_traits') as string,
    })
  })

  it('fails for a role that may not read all of it, and is fine once it may', async () => {
    const url = await stranger()

    await expect(check({ url })).rejects.toMatchObject({
      code: 'SOURCE_AUTH',
      hint: expect.stringContaining('Grant') as string,
    })
    const name = at('x').slice(0, -2)
    await warehouse.client.query(`grant usage on schema ${name} to stranger_${warehouse.count}`)
    await warehouse.client.query(
      `grant select on all tables in schema ${name} to stranger_${warehouse.count}`,
    )
    await warehouse.client.query(
      `revoke select on ${at('profile_merges')} from stranger_${warehouse.count}`,
    )
    await expect(check({ url })).rejects.toMatchObject({ code: 'SOURCE_AUTH' })
    // Column by column is enough.
    await warehouse.client.query(
      `grant select (canonical_segment_id, uuid_ts) on ${at('profile_merges')} to stranger_${warehouse.count}`,
    )
    expect(await check({ url })).toMatchObject({
      message: expect.stringContaining('all tables') as string,
    })
    expect(await readRecords(source({ url }))).toHaveLength(1)
  })

  it.each([
    ['nobody listens', 'postgres://someone:hush-hush@127.0.0.1:1/db', 'SOURCE_UNAVAILABLE'],
    ['the address is none', 'mysql://someone:hush-hush@127.0.0.1/db', 'SOURCE_REQUEST'],
  ])('fails when %s, without a word of the password', async (_, url, code) => {
    const failure = (await check({ url }).catch((error: unknown) => error)) as Error & {
      hint?: string
    }

    expect(failure).toMatchObject({ code })
    expect(`${failure.message} ${failure.hint}`).not.toContain('hush-hush')
  })
})
