import { readFileSync } from 'node:fs'
import { compileSync, loadConfig, MemoryRun } from '@engage-sync/core'
import type { MemoryUpdate } from '@engage-sync/core'
import { PICTURED_USER } from '@engage-sync/testkit'
import { expect, it } from 'vitest'
import { createFileSource, createRowDecoder } from '../src/index.ts'

const ROOT = new URL('../../../', import.meta.url)
const FILES = ['configs/engage-sync.yaml', 'configs/shoppers.yaml', 'configs/loyalty.yaml']

/** Everything the sample leads to, with the example configuration, as if read in one run. */
async function updatesOfSample(): Promise<{
  readonly run: MemoryRun
  readonly updates: readonly MemoryUpdate[]
}> {
  const { syncs, diagnostics } = loadConfig(
    FILES.map((path) => ({ path, text: readFileSync(new URL(path, ROOT), 'utf8') })),
  )
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const run = new MemoryRun({
    syncs: syncs.map((sync) => compileSync(sync)),
    createDecoder: createRowDecoder,
    nowMs: Date.UTC(2026, 0, 8),
    bornAtMs: Date.UTC(2026, 0, 8),
  })
  return { run, updates: run.batch(await recordsOfSample()).updates }
}

async function recordsOfSample(): Promise<readonly string[]> {
  const records: string[] = []
  const source = createFileSource({ path: 'data/engage/**/*.ndjson.gz', root: ROOT.pathname })
  for await (const { bytes, spans, count } of source.read(null, new AbortController().signal)) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let record = 0; record < count; record++)
      records.push(text.toString('utf8', spans[record * 2], spans[record * 2 + 1]))
  }
  return records
}

it('holds the user pictured on the page of Braze about Segment Engage', async () => {
  const { run, updates } = await updatesOfSample()

  const mine = updates.filter(({ user }) =>
    JSON.stringify(user).includes(`"${PICTURED_USER.userId}"`),
  )

  expect(mine).toHaveLength(1)
  expect(mine[0].attributes).toMatchObject({
    last_product_viewed_item: 'Sweater',
    dormant_shopper: true,
    ltv: 182.5,
  })
  expect(mine[0].events.map(({ name }) => name).toSorted()).toEqual([
    'Audience Entered',
    'Trait Computed',
  ])
  expect(mine[0].memberships.map(({ name, member }) => [name, member]).toSorted()).toEqual([
    ['Dormant shoppers', true],
    ['Sweater fans', true],
  ])
  expect(run.batch(await recordsOfSample()).updates).toEqual([])
})
