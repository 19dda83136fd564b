import type { Json, StateStore } from '@engage-sync/core'
import { expect, it } from 'vitest'
import { changedSyncs, keptSyncOptions } from '../../../src/engine/mappings/index.ts'
import { compile } from '../harness.ts'

const storeOf = (values: ReadonlyMap<string, Json>) =>
  ({ values: () => Promise.resolve(values) }) as unknown as StateStore

it('tells nothing of a sync whose options an older version did not keep', async () => {
  const syncs = compile({ shop: 'traits: { plan: plan }\n' })

  expect(await changedSyncs(storeOf(new Map()), syncs)).toEqual([])
})

it('tells nothing of one that is set as it was', async () => {
  const syncs = compile({ shop: 'traits: { plan: plan }\n' })
  const kept = keptSyncOptions(syncs).map(({ key, value }) => [key, value] as const)

  expect(await changedSyncs(storeOf(new Map(kept)), syncs)).toEqual([])
})
