import { entryOf } from '@engage-sync/core'
import type { DeadLetter } from '@engage-sync/core'
import { killPoint } from '../../process/kill-points.ts'
import { NOTHING_RECOVERED } from '../../state/values/values.ts'
import { deliveryRules } from '../books.ts'
import { collectDeferred } from '../deferred/index.ts'
import type { DeferredUser, DeferredUsers } from '../deferred/index.ts'
import {
  deliverPass,
  deliverWindow,
  Rounds,
  suspendUnfinished,
  writeRefused,
} from '../delivery/index.ts'
import type { PassInputs, SentCall, WindowDelivered } from '../delivery/index.ts'
import { sleep } from '../durable/index.ts'
import { plannerOf } from '../open.ts'
import { forgetUsers } from '../privacy/index.ts'
import { SourceFold } from '../reading/index.ts'
import type { Folded } from '../reading/index.ts'
import { TooManyWait } from './ends.ts'
import type { FedChunk } from './feed.ts'
import type { FrozenRow } from './frozen-rows.ts'
import { guardWindow } from './guard-window.ts'
import { addRecordLetters } from './record-letters.ts'
import { recordsOf } from './kept-chunk.ts'
import type { WindowReport } from './options.ts'
import type { Session } from './session.ts'
import { rangesOf } from './window-ranges.ts'
import { startWindow } from './window-start.ts'

/** How long the requests of a window may take once the stream is to end. */
export interface WindowSignals {
  /** Aborted: nothing more is started. */
  readonly signal: AbortSignal
  /** Aborted: what is in flight is given up. */
  readonly sendSignal: AbortSignal
}

/** Rows a window leaves, and requests it has no answer to. */
type Left = Pick<WindowDelivered, 'unfinished' | 'settling' | 'open'>

/** What is told of a window beside its report. */
export interface WindowResult extends Omit<WindowReport, 'number'> {
  readonly folders: Folded['readings']
}

/**
 * One window: what came is folded into the rows in memory, planned, delivered, and committed with
 * the positions after it. The same steps as a run, of the rows it touches.
 */
export class Window {
  readonly #session: Session
  readonly #taken: readonly FedChunk[]
  readonly #signals: WindowSignals
  readonly #nowMs: number
  /** Partitions whose rows in memory are not what the state holds. */
  readonly #stale = new Set<number>()
  /** Users forgotten, as rows name them. */
  readonly #gone = new Set<string>()

  constructor(session: Session, taken: readonly FedChunk[], signals: WindowSignals) {
    this.#session = session
    this.#taken = taken
    this.#signals = signals
    this.#nowMs = session.inputs.options.now()
  }

  /** @throws {SyncError} what a run fails with; nothing of the window is committed but what was answered */
  async run(): Promise<WindowResult> {
    const { open, due, shift } = this.#session
    const { options } = this.#session.inputs
    const { counters } = shift.books
    const requests = counters.totals().requests
    const deferred = await startWindow(this.#session, this.#signals.signal)
    await due.touch(open.partitions, this.#nowMs)
    const { fold, folded } = await this.#fold(deferred)
    this.#session.holds.leaveRows(open.partitions)
    const planner = plannerOf({ ...open, nowMs: this.#nowMs })({ digest: false })
    const summary = planner.planAll(open.partitions.rows)
    const frozen = await guardWindow(this.#session, {
      summary,
      deletions: folded.forgotten.length,
      nowMs: this.#nowMs,
    })
    const rounds = this.#rounds()
    const left = await this.#deliver(folded, rounds)
    const users = await this.#leave(folded, { ...left, frozen })
    await this.#commit({ fold, folded, users, deferred })
    shift.add({ folders: this.#folders(folded), summary, rounds: rounds.ended })
    return {
      startedMs: this.#nowMs,
      ms: options.now() - this.#nowMs,
      records: this.#taken.reduce((sum, { chunk }) => sum + recordsOf(chunk), 0),
      oldestMs: this.#taken[0]?.cameMs ?? null,
      users: summary.users.changed,
      requests: counters.totals().requests - requests,
      held: this.#session.holds.size,
      folders: folded.readings,
    }
  }

  async #fold(
    deferred: DeferredUsers,
  ): Promise<{ readonly fold: SourceFold; readonly folded: Folded }> {
    const { open, positions, shift, holds, joinsAliases } = this.#session
    const { options } = this.#session.inputs
    const { kind, createDecoder } = options
    const fold = new SourceFold({
      reading: { kind, createDecoder, signal: this.#signals.signal },
      ranges: rangesOf(this.#session, { taken: this.#taken, deferred, nowMs: this.#nowMs }),
      mappings: open.mappings,
      partitions: open.partitions,
      mustOpen: () => false,
      deferred,
      held: joinsAliases ? null : holds,
      unconfirmed: this.#session.unconfirmed,
      retried: null,
      saved: positions,
      refuseEmpty: () => undefined,
      budgetBytes: Infinity,
      onDelete: options.onDelete ?? new Map(),
      letters: this.#letters,
      onRead: () => undefined,
      reasons: shift.reasons,
    })
    await fold.restart(1)
    const folded = await fold.fold({ number: 0, of: 1 })
    await this.#session.announce(
      fold.ranges.reduce((most, { decoded }) => Math.max(most, decoded), 0),
    )
    return { fold, folded: folded! }
  }

  get #letters() {
    const { shift } = this.#session
    const { deadLetterDays: days } = this.#session.inputs.options
    return { run: shift.number, nowMs: this.#nowMs, days }
  }

  #rounds(): Rounds {
    const { options } = this.#session.inputs
    const { books, outcomes } = this.#session.shift
    return new Rounds({
      ...options,
      signal: this.#signals.signal,
      committer: books.committer,
      outcomes,
      recovered: NOTHING_RECOVERED,
      onVerifying: ({ requests, ms }) => options.observe({ type: 'verifying', requests, ms }),
    })
  }

  async #deliver({ merged }: Folded, rounds: Rounds): Promise<Left> {
    const { joinsAliases, late } = this.#session
    const { outcomes } = this.#session.shift
    const { signal } = this.#signals
    outcomes.follow(merged.pairs)
    const inputs = this.#passInputs(rounds)
    const left = joinsAliases
      ? { ...(await deliverPass(inputs, merged)), settling: [], open: [] }
      : await deliverWindow({ ...inputs, late })
    if (left.failure !== null) throw left.failure
    signal.throwIfAborted()
    if (rounds.ended.failure !== null) throw rounds.ended.failure
    return left
  }

  #passInputs(rounds: Rounds): PassInputs {
    const { open, shift, cohorts } = this.#session
    const { options } = this.#session.inputs
    const { books, outcomes, reasons } = shift
    const onSent = (sent: SentCall) => {
      for (let left = sent.uncounted ?? 0; left > 0; left--) reasons.add('DELIVERED_UNCOUNTED', '')
      options.observe({ type: 'sent', ...books.counters.sent(sent) })
    }
    return {
      sending: {
        ...this.#signals,
        destination: options.destination,
        run: shift.number,
        onSent,
        wait: sleep,
      },
      committer: books.committer,
      outcomes,
      program: open.mappings.program,
      rows: open.partitions.rows,
      nowMs: this.#nowMs,
      createUsers: deliveryRules(options, open).createUsers,
      renamesCohorts: options.kind.renamesCohorts,
      known: cohorts,
      rounds,
      letterOf: () => null,
      now: options.now,
      onRefusedPair: ({ code, message }) => reasons.add(code, message),
      onSettling: (ms) => options.observe({ type: 'settling', ms }),
    }
  }

  /** Takes leave of the rows: those that are not finished, those to be forgotten, and the rest. */
  async #leave(
    folded: Folded,
    left: Left & { readonly frozen: readonly FrozenRow[] },
  ): Promise<readonly DeferredUser[]> {
    const { open, shift, due, late } = this.#session
    const { committer } = shift.books
    const { pairs } = folded.merged
    const rows = [...left.unfinished, ...left.settling, ...left.frozen]
    const suspended = suspendUnfinished(shift.outcomes, rows, { pairs, isOnceOnly: false })
    if (suspended?.isStored === false)
      for (const { alias, user } of pairs) {
        this.#stale.add(alias.open.rows.number)
        this.#stale.add(user.open.rows.number)
      }
    const kept = await this.#forget(folded)
    for (const each of open.partitions.rows.partitions) {
      if (each === undefined) continue
      shift.outcomes.finishRest(each)
      writeRefused(committer, each)
      due.note(each)
    }
    const asked = new Set(folded.forgotten.map(({ text }) => text))
    const waiting = (suspended?.users ?? []).filter(({ user }) => !asked.has(user))
    this.#hold([...waiting, ...kept], left)
    return [...waiting, ...late.takeBegun(), ...kept]
  }

  #hold(
    users: readonly DeferredUser[],
    { settling, open, frozen }: Left & { readonly frozen: readonly FrozenRow[] },
  ): void {
    const { holds, marks } = this.#session
    const { settleMs } = this.#session.inputs.options.destination
    const soon = new Set(settling.map((place) => place.open.rows.idText(place.row)))
    const guards = new Map(
      frozen.map((place) => [place.open.rows.idText(place.row), place.guards] as const),
    )
    for (const { user, partition } of users) {
      const ms = soon.has(user) ? settleMs : null
      holds.hold(user, partition, { ms, guards: guards.get(user) })
    }
    for (const request of open) marks.add(request)
  }

  /** Forgets users; returns those the destination did not delete. */
  async #forget({ forgotten }: Folded): Promise<readonly DeferredUser[]> {
    if (forgotten.length === 0) return []
    const { open, shift, late } = this.#session
    // The partition is written whole: nothing in it may be under way.
    await late.idle()
    const { store, destination } = this.#session.inputs.options
    const { committer, lease } = shift.books
    const { kept } = await forgetUsers(
      {
        store,
        rows: open.partitions.rows,
        destination,
        committer,
        epoch: () => lease.current.epoch,
        signal: this.#signals.sendSignal,
        onRefused: ({ code, message }) => shift.reasons.add(code, message),
      },
      forgotten,
    )
    const left = new Set(kept)
    for (const user of forgotten) if (!left.has(user)) this.#gone.add(user.text)
    for (const { partition } of kept) this.#stale.add(partition)
    return kept.map(({ partition, text }) => ({
      partition,
      user: text,
      doubted: [],
      unanswered: null,
    }))
  }

  async #commit(window: {
    readonly fold: SourceFold
    readonly folded: Folded
    readonly users: readonly DeferredUser[]
    readonly deferred: DeferredUsers
  }): Promise<void> {
    const { fold, folded, users, deferred } = window
    const session = this.#session
    const { open, due, shift, positions } = session
    const { committer } = shift.books
    addRecordLetters(shift, folded.letters, this.#gone)
    const waiting = await this.#waitingLetters(fold, users, deferred)
    const kept = session.holds.kept.letters(this.#letters).filter(({ place }) => place !== '')
    for (const letter of [...waiting, ...kept]) {
      shift.reasons.add(letter.code, letter.message)
      committer.addDeadLetter(letter)
    }
    for (const { id } of deferred.ended) committer.removeDeadLetter(id)
    for (const value of due.takeStored()) committer.setValue(value)
    const moved = [...fold.positionsOf(folded.readings)]
    const isFirst = moved.some(([source]) => !positions.has(source))
    for (const [source, position] of moved) positions.set(source, position)
    if (isFirst) committer.setValue(session.doubts())
    killPoint('before-window-commit')
    await committer.flushWith({
      positions: moved.map(([source, position]) => ({ source, position })),
    })
    killPoint('after-window-commit')
    for (const { source, decoded } of folded.readings) session.passed(source, decoded)
    for (const number of this.#stale) open.partitions.rows.close(number)
  }

  /** @throws {TooManyWait} when it is not some users' trouble */
  async #waitingLetters(
    fold: SourceFold,
    users: readonly DeferredUser[],
    deferred: DeferredUsers,
  ): Promise<readonly DeadLetter[]> {
    if (users.length === 0) return []
    const { open, inputs } = this.#session
    const { createDecoder } = inputs.options
    const { signal } = this.#signals
    const finder = { rows: open.partitions.rows, createDecoder, signal }
    const from = { ranges: fold.ranges, before: deferred.ended }
    const found = await collectDeferred(finder, users, from)
    signal.throwIfAborted()
    if (found === null) throw new TooManyWait(users.length)
    return found.letters(this.#letters)
  }

  /** The folders with the programs the session knows them by: a window's are dated. */
  #folders({ readings }: Folded) {
    const { programs } = this.#session.open.mappings
    return readings.map(({ source, folder }) => ({ folder, of: entryOf(programs, source) }))
  }
}
