import type { DeferredUser, FrozenUsers } from '../../deferred/index.ts'
import {
  countedCall,
  joinPutOff,
  NOTHING_PUT_OFF,
  suspendUnfinished,
  writeRefused,
} from '../../delivery/index.ts'
import type { PutOff } from '../../delivery/index.ts'
import { forgetUsers } from '../../privacy/index.ts'
import type { Folded } from '../../reading/index.ts'
import type { WindowScope } from './scope.ts'
import { countingCalls } from './send-window.ts'
import type { Left } from './send-window.ts'

/** What a window leaves behind, once it was sent. */
export interface LeftRows extends Left {
  /** Users of whom a membership is frozen from now on. */
  readonly frozen: readonly DeferredUser[]
}

/**
 * Takes leave of the rows: those that are not finished, those to be forgotten, and the rest.
 * Returns the users whose records wait.
 */
export async function leaveRows(
  scope: WindowScope,
  folded: Folded,
  left: LeftRows,
): Promise<readonly DeferredUser[]> {
  const { open, shift, due, late } = scope.session
  const { committer } = shift.books
  const { pairs } = folded.merged
  const rows = [...left.unfinished, ...left.settling]
  const putOff = new Map<string, PutOff>()
  for (const place of rows) {
    const user = place.open.rows.idText(place.row)
    const known = putOff.get(user) ?? NOTHING_PUT_OFF
    putOff.set(user, joinPutOff([known, shift.outcomes.takePutOff(place)]))
  }
  const suspended = suspendUnfinished(shift.outcomes, rows, { pairs, isOnceOnly: false })
  if (suspended?.isStored === false)
    for (const { alias, user } of pairs) {
      scope.stale.add(alias.open.rows.number)
      scope.stale.add(user.open.rows.number)
    }
  const kept = await forget(scope, folded)
  for (const each of open.partitions.rows.partitions) {
    if (each === undefined) continue
    shift.outcomes.finishRest(each)
    writeRefused(committer, each)
    due.note(each)
  }
  const asked = new Set(folded.forgotten.map(({ text }) => text))
  const waiting = (suspended?.users ?? []).filter(({ user }) => !asked.has(user))
  for (const { user } of kept) putOff.set(user, { guards: ['deletions'], dataPoints: 0 })
  hold(scope, [...waiting, ...kept], { ...left, putOff })
  const frozen = left.frozen.filter(({ user }) => !asked.has(user))
  const others = [...waiting, ...late.takeBegun(), ...kept]
  return joined(open.frozen, { others, frozen })
}

/** Each user once; what is frozen of those who wait for something else stays so. */
function joined(
  guards: FrozenUsers,
  { others, frozen }: Readonly<Record<'others' | 'frozen', readonly DeferredUser[]>>,
): readonly DeferredUser[] {
  const all = new Map<string, DeferredUser>()
  const waits = new Set(others.map(({ user }) => user))
  for (const one of [...others, ...frozen]) {
    const { user, doubted, unanswered } = one
    const known = all.get(user) ?? one
    const columns =
      known.unanswered === null || unanswered === null
        ? null
        : [...new Set([...known.unanswered, ...unanswered])]
    all.set(user, {
      ...one,
      doubted: [...new Set([...known.doubted, ...doubted])],
      unanswered: columns,
      frozen: guards.guardsOf(user),
      isFrozenOnly: !waits.has(user),
      uncounted: guards.uncountedOf(user),
    })
  }
  return [...all.values()]
}

function hold(
  { session: { holds, marks, inputs } }: WindowScope,
  users: readonly DeferredUser[],
  { settling, open, putOff }: LeftRows & { readonly putOff: ReadonlyMap<string, PutOff> },
): void {
  const { settleMs } = inputs.options.destination
  const soon = new Set(settling.map((place) => place.open.rows.idText(place.row)))
  for (const { user, partition } of users) {
    const ms = soon.has(user) ? settleMs : null
    holds.hold(user, partition, { ms, putOff: putOff.get(user) ?? NOTHING_PUT_OFF })
  }
  for (const request of open) marks.add(request)
}

/** Forgets users; returns those the destination did not delete. */
async function forget(
  { session, signals, gone, stale }: WindowScope,
  { forgotten }: Folded,
): Promise<readonly DeferredUser[]> {
  if (forgotten.length === 0) return []
  const { open, shift, late } = session
  // The partition is written whole: nothing in it may be under way.
  await late.idle()
  const { store, destination } = session.inputs.options
  const { committer, lease } = shift.books
  const kept = await forgetUsers(
    {
      store,
      rows: open.partitions.rows,
      destination,
      committer,
      epoch: () => lease.current.epoch,
      signal: signals.sendSignal,
      counted: (call) => countedCall({ onSent: countingCalls(session) }, call),
      onForgotten: (users, deleted) => shift.books.counters.countForgotten(users, deleted),
      onRefused: ({ code, message }) => shift.reasons.add(code, message),
    },
    forgotten,
  )
  session.upkeep.forgetSizes()
  const left = new Set(kept)
  for (const user of forgotten)
    if (!left.has(user)) {
      gone.add(user.text)
      open.frozen.forget(user.text)
    }
  for (const { partition } of kept) stale.add(partition)
  return kept.map(({ partition, text }) => ({
    partition,
    user: text,
    doubted: [],
    unanswered: null,
  }))
}
