import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@engage-sync/core'
import type { NormalisedEnvironment, Source } from '@engage-sync/core'
import { recordsOf, startFakeS3, startPostgres } from '@engage-sync/testkit'
import { createProfilesSyncTables } from '@engage-sync/segment/testing'
import type { FakeS3 } from '@engage-sync/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSource } from '../../src/adapters/open-source.ts'

const KEYS = { traits: ['item'], audiences: ['vip'] }
const RECORDS = ['{"n":1}', '{"n":2}']

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'engage-sync-open-source-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** An environment whose source `some` is this YAML. */
function environmentWith(source: string, segment = ''): NormalisedEnvironment {
  const text = `version: 1\nenvironments:\n  local:\n    braze: { endpoint: simulator }\n${segment}    sources: { some: ${source} }\n`
  const { project } = loadConfig([{ path: 'configs/engage-sync.yaml', text }])
  return project!.environment!
}

async function open(
  source: string,
  { segment = '', stdin = [] as string[] } = {},
): Promise<Source> {
  const environment = environmentWith(source, segment)
  const input = (async function* () {
    for (const text of stdin) yield Buffer.from(text)
  })()
  const place = {
    root,
    directory: join(root, '.engage-sync', 'local'),
    stdin: input,
    name: 'some',
    keys: KEYS,
  }
  return openSource(environment.sources.get('some')!, environment, place)
}

async function readAll(source: Source): Promise<readonly string[]> {
  const records: string[] = []
  for await (const chunk of source.read(null, new AbortController().signal))
    records.push(...recordsOf(chunk))
  return records
}

describe('event files', () => {
  it.each([
    '{ events: a.ndjson }',
    '{ events: "*.ndjson" }',
    '{ events: [a.ndjson, b.ndjson] }',
    '{ events: . }',
  ])('are read relative to the root: %s', async (source) => {
    await writeFile(join(root, 'a.ndjson'), `${RECORDS[0]}\n`)
    await writeFile(join(root, 'b.ndjson'), `${RECORDS[1]}\n`)

    expect(await readAll(await open(source))).toEqual(
      source.includes('a.ndjson }') ? [RECORDS[0]] : RECORDS,
    )
  })

  it('are missed by name', async () => {
    await expect(readAll(await open('{ events: missing/*.ndjson }'))).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: expect.stringContaining('missing/*.ndjson') as string,
    })
  })
})

describe('standard input', () => {
  it('is on disk before it counts as read', async () => {
    const source = await open('{ events: "-" }', {
      stdin: [`${RECORDS[0]}\n${RECORDS[1].slice(0, 3)}`, RECORDS[1].slice(3)],
    })

    expect(await readAll(source)).toEqual(RECORDS)
    expect(await readAll(await open('{ events: "-" }'))).toEqual(RECORDS)
    const spooled = await readdir(join(root, '.engage-sync', 'local', 'spool', 'some'))
    expect(spooled.filter((name) => name !== '.gitignore')).toHaveLength(1)
  })

  it.each([
    '{ events: ["-", a.ndjson] }',
    '{ events: ["s3://bucket/a", a.ndjson] }',
    '{ events: ["s3://bucket/a", "s3://bucket/b"] }',
  ])('and S3 stand alone: %s', async (source) => {
    await expect(open(source)).rejects.toMatchObject({ code: 'SOURCE_UNSUPPORTED' })
  })
})

describe('S3', () => {
  let server: FakeS3
  beforeAll(async () => {
    server = await startFakeS3()
  })
  afterAll(() => server.stop())

  it('is read with the endpoint and the keys of the configuration', async () => {
    await server.put('segment-logs/src/1767571200000/1.gz', `${RECORDS.join('\n')}\n`)
    const { accessKeyId, secretAccessKey } = server.credentials
    const s3 = `{ endpoint: "${server.url}", region: us-east-1, access_key_id: "${accessKeyId}", secret_access_key: "${secretAccessKey}" }`

    const source = await open(`{ events: "s3://${server.bucket}/segment-logs/**", s3: ${s3} }`)

    expect(await readAll(source)).toEqual(RECORDS)
    expect(source.name).not.toContain(secretAccessKey)
  })
})

describe('profiles', () => {
  it('of the warehouse come for the wanted keys, named without the password', async () => {
    const server = await startPostgres()
    const { default: pg } = await import('pg')
    const client = new pg.Client(server.url)
    await client.connect()
    try {
      const tables = await createProfilesSyncTables((sql, values) => client.query(sql, values))
      await tables.addIdentifiers([{ profile: 'use_1', type: 'user_id', value: 'u_1' }])
      await tables.addTraits([
        { profile: 'use_1', name: 'item', value: 'Sweater' },
        { profile: 'use_1', name: 'vip', value: 'true' },
        { profile: 'use_1', name: 'other', value: '7' },
      ])

      const source = await open(`{ profiles_sync: { url: "${server.url}", schema: segment } }`)

      const records = (await readAll(source)).map(
        (record) => JSON.parse(record) as { userId: string; traits: object },
      )
      expect(records.map(({ userId, traits }) => [userId, traits])).toEqual([
        ['u_1', { vip: true }],
        ['u_1', { item: 'Sweater' }],
      ])
      expect(source.name).not.toContain(new URL(server.url).password || '://')
    } finally {
      await client.end()
      await server.stop()
    }
  })

  it('of the Profile API need a token', async () => {
    await expect(open('{ profile_api: { users: users.txt } }')).rejects.toMatchObject({
      code: 'SOURCE_NEEDS_SEGMENT',
    })
  })

  it('of the Profile API are asked for only when the source is read', async () => {
    const segment = '    segment: { space_id: spa_1, profile_api_token: "${TOKEN}" }\n'

    const source = await open('{ profile_api: { users: users.txt, requests_per_second: 5 } }', {
      segment,
    })

    expect(source.name).not.toContain('TOKEN')
    await expect(readAll(source)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
  })
})

it('a webhook gives what its server received, wherever the server is', async () => {
  const source = await open('{ webhook: { unsigned: true } }')
  expect(await readAll(source)).toEqual([])
  await mkdir(join(root, '.engage-sync/local/spool/some'), { recursive: true })
  await writeFile(join(root, '.engage-sync/local/spool/some/0000000001.events'), '{"n":1}\n')

  expect(await readAll(source)).toEqual(['{"n":1}'])
})
