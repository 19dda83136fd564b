import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { compileSync, loadConfig, MemoryRun } from '@engage-sync/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RejectedRecord } from '@engage-sync/contract'
import { createFileSource, createRowDecoder } from '../src/index.ts'

const FILES = [
  {
    path: 'configs/engage-sync.yaml',
    text: 'version: 1\nenvironments:\n  local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } }\n',
  },
  {
    path: 'configs/shop.yaml',
    text: 'version: 1\nsource: engage\ntraits: { item: item, __proto__: odd }\n',
  },
]

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'engage-sync-bad-input-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

function event(userId: string | null, traits: string, key = 'item'): string {
  const user = userId === null ? '' : `"userId":"${userId}",`
  return `{"type":"identify",${user}"timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"${key}"}},"traits":${traits}}`
}

/** Reads all files of the root the whole way to updates; by user what is sent, and what was rejected by place and code. */
async function run(): Promise<{
  sent: Record<string, unknown>
  rejected: string[]
  messages: string
  read: number
}> {
  const { syncs } = loadConfig(FILES)
  const memory = new MemoryRun({
    syncs: syncs.map((sync) => compileSync(sync)),
    createDecoder: createRowDecoder,
    nowMs: Date.UTC(2026, 1, 1),
  })
  const sent: Record<string, unknown> = {}
  const rejected: string[] = []
  let messages = ''
  let read = 0
  const tell = (
    place: string,
    { code, message }: Pick<RejectedRecord, 'code' | 'message'>,
  ): void => {
    rejected.push(`${place} ${code}`)
    messages += message
  }
  for await (const chunk of createFileSource({ path: '.', root }).read(
    null,
    new AbortController().signal,
  )) {
    const { updates, rejected: refused } = memory.batch(chunk)
    read += chunk.count + chunk.rejected.length
    for (const { user, attributes } of updates)
      sent[JSON.stringify(user).replace(/.*:"|"\}/gu, '')] = attributes
    for (const one of refused)
      tell(`${chunk.origin.name}:${chunk.origin.firstRecord + one.record}`, one)
    for (const one of chunk.rejected) tell(`${one.origin}:${one.record}`, one)
  }
  return { sent, rejected, messages, read }
}

describe('bad input', () => {
  it('costs what is bad and nothing else, and is told with its place', async () => {
    const lines = [
      event('u_1', '{"item":"Sweater"}'),
      '{"type": "identify", oops person@example.com',
      '{"hello":"person@example.com"}',
      Buffer.concat([
        Buffer.from(event('u_2', '{"item":"').slice(0, -1)),
        Buffer.from([0xc3, 0x28]),
        Buffer.from('"}}'),
      ]),
      event(null, '{"item":"Jeans"}'),
      event('u_3', '{"__proto__":"polluted"}', '__proto__'),
      'x'.repeat(40 * 1024 * 1024),
      event('u_4', '{"item":"Scarf"}'),
    ]
    await writeFile(
      join(root, 'a.ndjson'),
      Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])),
    )

    const { sent, rejected, messages, read } = await run()

    expect(rejected).toEqual([
      'a.ndjson:2 RECORD_NOT_JSON',
      'a.ndjson:3 RECORD_NOT_EVENT',
      'a.ndjson:4 RECORD_INVALID_UTF8',
      'a.ndjson:5 RECORD_NO_IDENTIFIER',
      'a.ndjson:7 RECORD_TOO_LONG',
    ])
    expect(sent).toEqual({
      u_1: { item: 'Sweater' },
      u_3: { odd: 'polluted' },
      u_4: { item: 'Scarf' },
    })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(messages).not.toContain('example.com')
    expect(read).toBe(lines.length)
  })

  it('of a gzip file that was cut off is told after what could be read, and the next file follows', async () => {
    const many = Array.from({ length: 2000 }, (_, index) =>
      event(`u_${index}`, `{"item":"${Math.sin(index)}"}`),
    )
    const packed = gzipSync(`${many.join('\n')}\n`)
    await writeFile(join(root, 'a.ndjson.gz'), packed.subarray(0, Math.floor(packed.length / 2)))
    await writeFile(join(root, 'b.ndjson.gz'), gzipSync(event('last', '{"item":"Scarf"}')))
    await writeFile(join(root, 'c.ndjson'), '')

    const { sent, rejected } = await run()

    expect(rejected).toEqual([expect.stringMatching(/^a\.ndjson\.gz:\d+ SOURCE_TRUNCATED$/u)])
    expect(Object.keys(sent).length).toBeGreaterThan(500)
    expect(sent.last).toEqual({ item: 'Scarf' })
  })

  it('in a directory without event files is an error that names it', async () => {
    await expect(run()).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
  })
})
