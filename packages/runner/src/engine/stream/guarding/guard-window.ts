import type { GuardStop, PlanSummary } from '@engage-sync/core'
import type { Books } from '../../books.ts'
import { countUsers } from '../../guards/index.ts'
import type { DeferredUser } from '../../deferred/index.ts'
import type { OpenRun } from '../../open.ts'
import { Stopped } from '../terms/index.ts'
import type { StreamOptions } from '../terms/index.ts'
import { freezeRows } from './frozen-rows.ts'
import type { GuardedWindow, GuardFacts, Guards } from './guarded-window.ts'
import { allowCommand } from '../../../process/allow-command.ts'

/** Whose windows are judged. */
export interface GuardedSession {
  readonly inputs: { readonly options: StreamOptions }
  readonly open: OpenRun
  readonly guards: Guards
  readonly shift: { readonly books: Books }
  readonly members: { now(): Promise<ReadonlyMap<string, number>> }
  /** Of several workers; null for one process alone. */
  readonly fleetMembers: { anHourAgo(): Promise<ReadonlyMap<string, number>> } | null
  /** Aliases are joined with users: nobody is held alone. */
  readonly joinsAliases: boolean
}

/** What became of a window that was judged. */
export interface Judged {
  /** What it sends, without what is frozen. */
  readonly summary: PlanSummary
  /** Users of whom a membership is frozen from now on: their records are to be kept. */
  readonly frozen: readonly DeferredUser[]
}

/**
 * Lets the guards judge a window before anything of it is sent. What it uses of their budgets is
 * durable then, and nothing is to be sent of a membership that is frozen.
 *
 * @param replan - what the window sends, once something of it was taken back: held events count for
 *   no filter
 * @throws {Stopped} when all of it is held
 */
export async function guardWindow(
  session: GuardedSession,
  window: GuardedWindow,
  replan: () => PlanSummary,
): Promise<Judged> {
  const { guards, joinsAliases } = session
  const { environment } = session.inputs.options
  let frozen: readonly DeferredUser[] = []
  for (let { summary } = window; ; summary = replan()) {
    const verdict = await guards.judge({ ...window, summary }, factsOf(session))
    guards.freeze(verdict.frozen.keys(), window.nowMs)
    const keys = new Set(verdict.frozen.keys())
    const isHeld = verdict.stop !== null || (keys.size > 0 && joinsAliases)
    const more = isHeld ? [] : freezeAll(session, keys)
    frozen = [...frozen, ...more]
    if (more.length > 0) continue
    if (!isHeld) guards.take()
    await reserve(session)
    if (verdict.stop !== null) throw stoppedBy(verdict.stop, environment)
    if (isHeld) throw frozenWhole([...keys], environment)
    return { summary, frozen }
  }
}

function freezeAll({ open }: GuardedSession, keys: ReadonlySet<string>): readonly DeferredUser[] {
  if (keys.size === 0) return []
  const freezing = { program: open.mappings.program, keys, users: open.frozen }
  return open.partitions.rows.partitions.flatMap((each) =>
    each === undefined ? [] : freezeRows(freezing, each),
  )
}

async function reserve({ guards, shift }: GuardedSession): Promise<void> {
  const { committer } = shift.books
  const reserved = guards.takeReserved()
  for (const value of reserved) committer.setValue(value)
  if (reserved.length > 0) await committer.flush()
}

function factsOf({ open, inputs, members, fleetMembers }: GuardedSession): GuardFacts {
  const { store, guards: limits, share } = inputs.options
  return {
    limits,
    members: () => fleetMembers?.anHourAgo() ?? members.now(),
    users: () => countUsers(share?.shared.whole ?? store, open.mappings.layout),
  }
}

function stoppedBy({ message, allow }: GuardStop, environment: string): Stopped {
  const hint = `Everything waits, and nothing is lost. If it is meant: ${allowCommand([allow], environment)}`
  return new Stopped({ code: 'GUARD_STOPPED', message, hint, place: null }, [allow])
}

/** Where aliases are joined, users depend on each other: none of them is held alone. */
function frozenWhole(allow: readonly string[], environment: string): Stopped {
  const cause = {
    code: 'GUARD_STOPPED',
    message: `A membership would change too far within an hour: ${allow.join(', ')}`,
    hint: `Everything waits, since aliases are joined here. If it is meant: ${allowCommand(allow, environment)}`,
    place: null,
  }
  return new Stopped(cause, allow)
}
