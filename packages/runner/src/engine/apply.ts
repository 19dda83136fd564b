import type { DeadLetter, OpenPartition } from '@engage-sync/core'
import { Planner } from '@engage-sync/core'
import { cohortKey, deliverMemberships } from './cohorts.ts'
import { compactPartitions } from './compact-partitions.ts'
import type { Committer } from './committer.ts'
import { Delivery } from './deliver.ts'
import type { DeliveryContext } from './deliver.ts'
import { deliverPromotions } from './deliver-promotions.ts'
import type { DueTimes } from './due.ts'
import { forgetUsers } from './forget.ts'
import type { Folded, SourceFold } from './fold-sources.ts'
import { killPoint } from './kill-points.ts'
import type { HeldLease } from './lease.ts'
import { closePartitions } from './open-session.ts'
import type { Planned } from './plan-passes.ts'
import type { Session } from './session.ts'
import type { Tally } from './tally.ts'

/** What applying a plan needs. */
export interface ApplyParts {
  readonly session: Session
  readonly fold: SourceFold
  readonly context: DeliveryContext
  readonly committer: Committer
  readonly tally: Tally
  readonly due: DueTimes
  readonly lease: HeldLease
}

/** How applying ended. */
export interface Applied {
  /** Everything planned was delivered or refused. */
  readonly isComplete: boolean
  /** What ended it early, or null. */
  readonly failure: unknown
}

/** Delivers what was planned, pass by pass. */
export async function applyPlan(parts: ApplyParts, planned: Planned): Promise<Applied> {
  let isComplete = true
  try {
    const known = await knownCohorts(parts)
    for (let number = 0; number < planned.passes; number++) {
      const folded = planned.folded ?? (await foldAgain(parts, { number, of: planned.passes }))
      const applied = await applyPass(parts, folded, known)
      if (!applied.isComplete) isComplete = false
      if (applied.failure !== null || parts.context.signal.aborted) return { isComplete: false, failure: applied.failure }
      if (planned.passes > 1) closePartitions(parts.session.rows)
    }
    return { isComplete, failure: null }
  } catch (error) {
    return { isComplete: false, failure: error }
  }
}

async function knownCohorts({ session }: ApplyParts): Promise<Map<string, string>> {
  const prefix = cohortKey('')
  return new Map([...(await session.options.store.values(prefix))].map(([key, name]) => [key.slice(prefix.length), String(name)]))
}

async function foldAgain({ session, fold }: ApplyParts, group: { number: number; of: number }): Promise<Folded> {
  const folded = (await fold.fold(group))!
  const { prepared, nowMs, rows } = session
  new Planner(prepared.program, { nowMs, bornNow: prepared.bornNow, digest: false }).planAll(rows)
  return folded
}

async function applyPass(parts: ApplyParts, folded: Folded, known: Map<string, string>): Promise<Applied> {
  const { session, context } = parts
  const { destination, signal } = context
  context.outcomes.follow(folded.promoted.pairs)
  const promoted = await deliverPromotions(context, folded.promoted, ({ code, message }) => session.reasons.add(code, message))
  if (promoted.joined > 0) await settle(parts)
  const createUsers = new Set(session.options.syncs.filter((sync) => sync.createUsers).map(({ name }) => name))
  const result = await new Delivery({ ...context, rows: session.rows, createUsers, held: promoted.held }).run()
  if (result.failure !== null || signal.aborted) return { isComplete: false, failure: result.failure }
  if (result.createdUsers && result.memberships.length > 0 && destination.settleMs > 0) await settle(parts)
  if (signal.aborted) return { isComplete: false, failure: null }
  killPoint('before-cohorts')
  const joined = await deliverMemberships({ ...context, nowMs: session.nowMs, known }, result.memberships)
  const isDelivered = joined && !result.incomplete && promoted.isComplete
  return { isComplete: await finishPass(parts, folded, isDelivered), failure: null }
}

async function settle({ session, context }: ApplyParts): Promise<void> {
  const { settleMs } = context.destination
  session.options.observe({ type: 'settling', ms: settleMs })
  await context.wait(settleMs, context.signal)
}

/** Forgets who is to be forgotten, and writes what concerns no delivery: refusals of the mapping, with their letters. */
async function finishPass(parts: ApplyParts, folded: Folded, isDelivered: boolean): Promise<boolean> {
  const { session, committer, context, due, lease } = parts
  const { store } = session.options
  const { isComplete } = await forgetUsers(
    {
      store,
      rows: session.rows,
      destination: context.destination,
      committer,
      epoch: () => lease.current.epoch,
      signal: context.sendSignal,
    },
    folded.forgotten,
  )
  if (!isDelivered || !isComplete) return false
  for (const open of session.rows.partitions) {
    if (open === undefined) continue
    writeRefused(committer, open)
    due.note(open)
  }
  addLetters(parts, folded.letters)
  await committer.flush()
  if (!session.preparations.distorts) await compactPartitions(store, session.rows, () => lease.current)
  return true
}

function writeRefused(committer: Committer, open: OpenPartition): void {
  const width = open.rows.layout.columns.length
  for (const place of open.refusedDirty) {
    const row = Math.floor(place / width)
    if (row < open.durableRows) committer.deltaOf(open).refused(row, place % width)
  }
  open.refusedDirty.length = 0
}

function addLetters({ committer, tally }: ApplyParts, letters: readonly DeadLetter[]): void {
  for (const letter of letters) {
    tally.countLetter(letter.sync)
    committer.addDeadLetter(letter)
  }
}
