import type { DeadLetter, OpenPartition } from '@engage-sync/core'
import { Planner } from '@engage-sync/core'
import { aboutUsers } from '../../state/reading/dead-letters.ts'
import { deliverMemberships } from './cohorts.ts'
import { compactPartitions, grownPartitions } from '../durable/compact-partitions.ts'
import type { Committer } from '../durable/committer.ts'
import { Delivery } from './deliver-updates.ts'
import type { DeliveryContext } from './deliver-updates.ts'
import { deliverMerges } from './deliver-merges.ts'
import type { DueTimes } from '../partitions/due-times.ts'
import { forgetUsers } from '../privacy/forget.ts'
import type { Folded, SourceFold } from '../reading/fold-sources.ts'
import { killPoint } from '../../process/kill-points.ts'
import { suspendUnfinished, mayWait } from '../deferred/suspend.ts'
import type { Unfinished } from '../deferred/suspend.ts'
import type { HeldLease } from '../durable/lease.ts'
import { closePartitions } from '../open-session.ts'
import type { Planned } from '../reading/passes.ts'
import type { Session } from '../session.ts'
import type { RunCounters } from '../report.ts'
import type { DeferredUser } from '../deferred/load.ts'
import { cohortNames } from '../../state/values/values.ts'

/** What applying a plan needs. */
export interface ApplyParts {
  readonly session: Session
  readonly fold: SourceFold
  readonly context: DeliveryContext
  readonly committer: Committer
  readonly tally: RunCounters
  readonly due: DueTimes
  readonly lease: HeldLease
}

/** How applying ended. */
export interface Applied {
  /** Everything planned was delivered or refused. */
  readonly isComplete: boolean
  /** What ended it early, or null. */
  readonly failure: unknown
  /** Users who may wait for the next run while the sources go on; null when the sources must not. */
  readonly unfinished: readonly DeferredUser[] | null
  /** Letters that become durable when the sources go on, since otherwise they are met again. */
  readonly letters: readonly DeadLetter[]
}

/** An end that leaves the sources where they were. */
export function endedBy(failure: unknown): Applied {
  return { isComplete: false, failure, unfinished: null, letters: [] }
}

/** Delivers what was planned, pass by pass. */
export async function applyPlan(parts: ApplyParts, planned: Planned): Promise<Applied> {
  let all: Applied = { isComplete: true, failure: null, unfinished: [], letters: [] }
  try {
    const shared = { known: await knownCohorts(parts), gone: new Set<string>() }
    for (let number = 0; number < planned.passes; number++) {
      const folded = planned.folded ?? (await foldAgain(parts, { number, of: planned.passes }))
      const applied = await applyPass(parts, folded, shared)
      if (applied.failure !== null || parts.context.signal.aborted) return endedBy(applied.failure)
      all = joinPasses(all, applied)
      if (planned.passes > 1) closePartitions(parts.session.rows)
    }
    const isAboutGone = aboutUsers(shared.gone)
    return { ...all, letters: all.letters.filter((letter) => !isAboutGone(letter)) }
  } catch (error) {
    return endedBy(error)
  }
}

function joinPasses(one: Applied, other: Applied): Applied {
  const unfinished = one.unfinished === null || other.unfinished === null ? null : [...one.unfinished, ...other.unfinished]
  return { isComplete: one.isComplete && other.isComplete, failure: null, unfinished, letters: [...one.letters, ...other.letters] }
}

async function knownCohorts({ session }: ApplyParts): Promise<Map<string, string>> {
  return cohortNames.readAll(session.options.store)
}

async function foldAgain({ session, fold }: ApplyParts, group: { number: number; of: number }): Promise<Folded> {
  const folded = (await fold.fold(group))!
  const { prepared, preparations, nowMs, rows } = session
  new Planner(prepared.program, { nowMs, bornNow: prepared.bornNow, unjudged: preparations.unjudged, digest: false }).planAll(rows)
  return folded
}

/** What the passes of a run have in common. */
interface Shared {
  /** Names of cohorts by id. */
  readonly known: Map<string, string>
  /** Users forgotten so far, as rows name them. */
  readonly gone: Set<string>
}

async function applyPass(parts: ApplyParts, folded: Folded, { known, gone }: Shared): Promise<Applied> {
  const { session, context } = parts
  const { destination, signal } = context
  context.outcomes.follow(folded.promoted.pairs)
  const promoted = await deliverMerges(context, folded.promoted, ({ code, message }) => session.reasons.add(code, message))
  if (promoted.joined > 0) await settle(parts)
  const createUsers = new Set(session.options.syncs.filter((sync) => sync.createUsers).map(({ name }) => name))
  const result = await new Delivery({ ...context, rows: session.rows, createUsers, held: promoted.held }).run()
  if (result.failure !== null || signal.aborted) return endedBy(result.failure)
  if (result.createdUsers && result.memberships.length > 0 && destination.settleMs > 0) await settle(parts)
  if (signal.aborted) return endedBy(null)
  killPoint('before-cohorts')
  const joined = await deliverMemberships({ ...context, nowMs: session.nowMs, known }, result.memberships)
  if (joined.isComplete && result.unfinished.length === 0 && promoted.isComplete)
    return finishPass(parts, folded, { unfinished: NOTHING_UNFINISHED, gone })
  const held = folded.promoted.pairs.filter(({ user }) => promoted.held.has(`${user.open.rows.number}:${user.row}`))
  const rows = [...result.unfinished, ...joined.unfinished, ...held.map(({ user }) => user)]
  const unfinished = mayWait(session) ? suspendUnfinished(session, { promoted: folded.promoted, rows, outcomes: context.outcomes }) : null
  return finishPass(parts, folded, { unfinished, gone })
}

const NOTHING_UNFINISHED: Unfinished = { users: [], isComplete: true, isStored: true }

async function settle({ session, context }: ApplyParts): Promise<void> {
  const { settleMs } = context.destination
  session.options.observe({ type: 'settling', ms: settleMs })
  await context.wait(settleMs, context.signal)
}

/** Forgets who is to be forgotten, and writes what concerns no delivery: refusals of the mapping, with their letters. */
async function finishPass(
  parts: ApplyParts,
  folded: Folded,
  { unfinished, gone }: { readonly unfinished: Unfinished | null; readonly gone: Set<string> },
): Promise<Applied> {
  const { session, context, committer, due } = parts
  const kept = await forget(parts, folded, gone)
  if (unfinished === null || (kept.length > 0 && !mayWait(session))) return endedBy(null)
  await committer.flush()
  const grown = session.preparations.distorts || !unfinished.isStored ? [] : await grownPartitions(session.options.store, session.rows)
  for (const open of session.rows.partitions) {
    if (open === undefined) continue
    if (!grown.includes(open)) context.outcomes.finishRest(open)
    writeRefused(committer, open)
    if (open.rows.stored === null) due.note(open, session.partitions.leftRows(open.rows.number))
  }
  const asked = new Set(folded.forgotten.map(({ text }) => text))
  const users = [...unfinished.users.filter(({ user }) => !asked.has(user)), ...kept]
  const isComplete = unfinished.isComplete && kept.length === 0
  const isAboutGone = aboutUsers(gone)
  const letters = folded.letters.filter((letter) => !isAboutGone(letter))
  const later = isComplete ? [] : letters.filter(({ stage }) => stage === 'source')
  for (const letter of letters) if (!later.includes(letter)) addLetter(parts, letter)
  await committer.flush()
  await compactPartitions(session.options.store, grown, () => parts.lease.current)
  return { isComplete, failure: null, unfinished: users, letters: later }
}

/** Forgets users, and adds them to those who are gone; returns those Braze did not delete. */
async function forget(
  { session, committer, context, lease }: ApplyParts,
  { forgotten }: Folded,
  gone: Set<string>,
): Promise<readonly DeferredUser[]> {
  const { kept } = await forgetUsers(
    {
      store: session.options.store,
      rows: session.rows,
      destination: context.destination,
      committer,
      epoch: () => lease.current.epoch,
      signal: context.sendSignal,
      onRefused: ({ code, message }) => session.reasons.add(code, message),
    },
    forgotten,
  )
  const left = new Set(kept)
  for (const user of forgotten) if (!left.has(user)) gone.add(user.text)
  return kept.map(({ partition, text }) => ({ partition, user: text, doubted: [] }))
}

function writeRefused(committer: Committer, open: OpenPartition): void {
  for (const [row, column] of open.takeRefusals()) if (row < open.durableRows) committer.deltaOf(open).refused(row, column)
}

function addLetter({ committer, tally }: Pick<ApplyParts, 'committer' | 'tally'>, letter: DeadLetter): void {
  tally.countLetter(letter.sync)
  committer.addDeadLetter(letter)
}
