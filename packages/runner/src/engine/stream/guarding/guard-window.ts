import type { GuardStop } from '@engage-sync/core'
import type { Books } from '../../books.ts'
import { countUsers } from '../../guards/index.ts'
import type { OpenRun } from '../../open.ts'
import { Stopped } from '../terms/index.ts'
import type { StreamOptions } from '../terms/index.ts'
import { freezeRows } from './frozen-rows.ts'
import type { FrozenRow } from './frozen-rows.ts'
import type { GuardedWindow, GuardFacts, StreamGuards } from './stream-guards.ts'

/** Whose windows are judged. */
export interface GuardedSession {
  readonly inputs: { readonly options: StreamOptions }
  readonly open: OpenRun
  readonly guards: StreamGuards
  readonly shift: { readonly books: Books }
  readonly members: { now(): Promise<ReadonlyMap<string, number>> }
  /** Aliases are joined with users: nobody is held alone. */
  readonly joinsAliases: boolean
}

/**
 * Lets the guards judge a window before anything of it is sent. What it uses of their budgets is
 * durable then. Returns the rows that are held, with nothing to be sent of them any more.
 *
 * @throws {Stopped} when all of it is held
 */
export async function guardWindow(
  session: GuardedSession,
  window: GuardedWindow,
): Promise<readonly FrozenRow[]> {
  const { open, guards, shift, joinsAliases } = session
  const { committer } = shift.books
  const { frozen, stop } = await guards.judge(window, factsOf(session))
  if (stop === null) guards.take()
  guards.freeze(frozen.keys(), window.nowMs)
  const reserved = guards.takeReserved()
  for (const value of reserved) committer.setValue(value)
  if (reserved.length > 0) await committer.flush()
  if (stop !== null) throw stoppedBy(stop)
  if (frozen.size === 0) return []
  if (joinsAliases) throw frozenWhole([...frozen.keys()])
  const keys = new Set(frozen.keys())
  return open.partitions.rows.partitions.flatMap((each) =>
    each === undefined ? [] : freezeRows(open.mappings.program, each, keys),
  )
}

function factsOf({ open, inputs, members }: GuardedSession): GuardFacts {
  const { store, guards: limits } = inputs.options
  return {
    limits,
    members: () => members.now(),
    users: () => countUsers(store, open.mappings.layout),
  }
}

function stoppedBy({ message, allow }: GuardStop): Stopped {
  const hint = `Everything waits, and nothing is lost. If it is meant: engage-sync allow ${allow}`
  return new Stopped({ code: 'GUARD_STOPPED', message, hint, place: null }, [allow])
}

/** Where aliases are joined, users depend on each other: none of them is held alone. */
function frozenWhole(allow: readonly string[]): Stopped {
  const cause = {
    code: 'GUARD_STOPPED',
    message: `A membership would change too far within an hour: ${allow.join(', ')}`,
    hint: `Everything waits, since aliases are joined here. If it is meant: engage-sync allow ${allow.join(' ')}`,
    place: null,
  }
  return new Stopped(cause, allow)
}
