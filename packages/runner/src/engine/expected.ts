import type { SourcePosition } from '@engage-sync/core'
import type { OpenRun } from './open.ts'
import { countNewerRecords } from './reading/index.ts'
import type { Planned } from './reading/index.ts'
import { checkPlanDigest, planDigestOf } from './request/index.ts'
import type { EngineOptions } from './request/index.ts'

/** A run that is to do what a plan said does exactly that, or stops. @throws {SyncError} `PLAN_STALE` */
export function checkPlan(
  { expect = null, store, syncs }: EngineOptions,
  { summary, positions }: Pick<Planned, 'summary' | 'positions'>,
  found: { readonly from: ReadonlyMap<string, SourcePosition>; readonly open: OpenRun },
): void {
  if (expect === null) return
  const { from, open } = found
  const { nowMs: asOf } = open
  const state = { state: store.info.id, columns: open.mappings.registry }
  checkPlanDigest(expect, planDigestOf({ ...state, asOf, syncs, from, to: positions, summary }))
}

/** What came after the plan is the next run's, and said to be. */
export async function noteNewerRecords(
  { expect = null, sources, signal }: EngineOptions,
  { reasons }: OpenRun,
): Promise<void> {
  if (expect === null) return
  const newer = await countNewerRecords(sources, expect.to, signal)
  for (let left = newer; left > 0; left--)
    reasons.add('PLAN_NEWER_RECORDS', 'They came after the plan was made; the next run reads them.')
}
