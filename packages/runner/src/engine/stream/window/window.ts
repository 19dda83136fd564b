import { entryOf, rejectedOf } from '@engage-sync/core'
import type { DeferredUsers } from '../../deferred/index.ts'
import { plannerOf } from '../../open.ts'
import { SourceFold } from '../../reading/index.ts'
import type { Folded } from '../../reading/index.ts'
import { recordsOf } from '../feeding/index.ts'
import type { FedChunk } from '../feeding/index.ts'
import { guardWindow } from '../guarding/index.ts'
import type { Session } from '../session/index.ts'
import type { WindowReport } from '../terms/index.ts'
import { commitWindow } from './commit-window.ts'
import { leaveRows } from './leave-rows.ts'
import { putOffWindow } from './put-off-window.ts'
import { lettersOf } from './scope.ts'
import type { WindowScope, WindowSignals } from './scope.ts'
import { roundsOf, sendWindow } from './send-window.ts'
import { rangesOf } from './window-ranges.ts'
import { startWindow } from './window-start.ts'

/** What is told of a window beside its report. */
export interface WindowResult extends Omit<WindowReport, 'number'> {
  readonly folders: Folded['readings']
}

/**
 * One window: what came is folded into the rows in memory, planned, delivered, and committed with
 * the positions after it. The same steps as a run, of the rows it touches.
 */
export class Window {
  readonly #scope: WindowScope

  constructor(session: Session, taken: readonly FedChunk[], signals: WindowSignals) {
    const nowMs = session.inputs.options.now()
    this.#scope = { session, taken, signals, nowMs, stale: new Set(), gone: new Set() }
  }

  /** @throws {SyncError} what a run fails with; nothing of the window is committed but what was answered */
  async run(): Promise<WindowResult> {
    const { session, taken, signals, nowMs } = this.#scope
    const { open, due, shift, holds } = session
    const { options } = session.inputs
    const { counters } = shift.books
    const requests = counters.totals().requests
    const deferred = await startWindow(session, signals.signal)
    await due.touch(open.partitions, nowMs)
    const { fold, folded } = await this.#fold(deferred)
    holds.leaveRows(open.partitions)
    const plan = () =>
      plannerOf({ ...open, nowMs })({ digest: false }).planAll(open.partitions.rows)
    const deletions = folded.forgotten.length
    const rejected = rejectedOf(folded.readings.map(({ folder }) => folder.totals))
    const guarded = { summary: plan(), deletions, rejected, nowMs }
    const { summary, frozen } = await guardWindow(session, guarded, plan)
    const rounds = roundsOf(this.#scope)
    try {
      const left = await sendWindow(this.#scope, folded, rounds)
      const users = await leaveRows(this.#scope, folded, { ...left, frozen })
      await commitWindow(this.#scope, { fold, folded, users, deferred })
    } catch (error) {
      putOffWindow(session, deletions - this.#scope.gone.size)
      throw error
    }
    shift.add({ folders: this.#folders(folded), summary, rounds: rounds.ended })
    return {
      startedMs: nowMs,
      ms: options.now() - nowMs,
      records: taken.reduce((sum, { chunk }) => sum + recordsOf(chunk), 0),
      oldestMs: taken[0]?.cameMs ?? null,
      users: summary.users.changed,
      requests: counters.totals().requests - requests,
      held: session.waiting,
      folders: folded.readings,
    }
  }

  async #fold(
    deferred: DeferredUsers,
  ): Promise<{ readonly fold: SourceFold; readonly folded: Folded }> {
    const { session, taken, signals, nowMs } = this.#scope
    const { open, positions, shift, holds, doubts, joinsAliases, handovers } = session
    const { kind, createDecoder, onDelete, share } = session.inputs.options
    const fold = new SourceFold({
      reading: { kind, createDecoder, signal: signals.signal },
      ranges: rangesOf(session, { taken, deferred, nowMs }),
      mappings: open.mappings,
      partitions: open.partitions,
      mustOpen: () => false,
      deferred,
      held: joinsAliases ? null : holds,
      frozen: open.frozen,
      unconfirmed: doubts.unconfirmed(positions),
      handovers: handovers.present,
      retried: null,
      saved: positions,
      refuseEmpty: () => undefined,
      budgetBytes: Infinity,
      onDelete: onDelete ?? new Map(),
      letters: lettersOf(this.#scope),
      onRead: () => undefined,
      reasons: shift.reasons,
    })
    await fold.restart(1)
    const folded = await fold.fold({ number: 0, of: 1, only: share?.partitions })
    if (share !== undefined) fold.addClasses()
    const records = fold.ranges.reduce((most, { decoded }) => Math.max(most, decoded), 0)
    await session.announce(records)
    return { fold, folded: folded! }
  }

  /** The folders with the programs the session knows them by: a window's are dated. */
  #folders({ readings }: Folded) {
    const { programs } = this.#scope.session.open.mappings
    return readings.map(({ source, folder }) => ({ folder, of: entryOf(programs, source) }))
  }
}
