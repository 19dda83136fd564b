import type { DeadLetter, OpenPartition, Reasons, RunProgram, StateStore } from '@engage-sync/core'
import { aboutUsers } from '../../state/reading/dead-letters.ts'
import { cohortNames } from '../../state/values/values.ts'
import { compactPartitions, LogSizes, mergePartitions } from '../durable/index.ts'
import type { Compaction } from '../durable/index.ts'
import type { Committer, HeldLease, LetterOf } from '../durable/index.ts'
import type { DeferredUser } from '../deferred/index.ts'
import type { DueTimes, Partitions } from '../partitions/index.ts'
import { forgetUsers } from '../privacy/index.ts'
import type { CreatePlanner, Folded, Planned, SourceFold } from '../reading/index.ts'
import { deliverPass } from './deliver-pass.ts'
import type { PassInputs } from './deliver-pass.ts'
import type { RowAt } from './delivery-inputs.ts'
import type { Rounds } from './rounds.ts'
import type { RowOutcomes } from './row-outcomes.ts'
import { countedCall } from './sending.ts'
import type { Sending } from './sending.ts'
import { suspendUnfinished } from './suspend.ts'
import type { Unfinished } from './suspend.ts'

/** What delivers a plan: where things are sent, and where their outcomes become durable. */
export interface PlanDeliveryInputs {
  readonly sending: Sending
  readonly committer: Committer
  readonly outcomes: RowOutcomes
  /** Goes back to what has no answer. */
  readonly rounds: Rounds
  readonly store: StateStore
  readonly lease: HeldLease
  readonly partitions: Partitions
  readonly program: RunProgram
  readonly due: DueTimes
  readonly rules: DeliveryRules
  /** The dead letter a pending change was made of, or null. */
  readonly letterOf: LetterOf
  /** Takes what is reported though nothing failed. */
  readonly reasons: Reasons
  readonly onLetter: (sync: string) => void
  /** Told of users who are gone. @param deleted - of them, at the destination */
  readonly onForgotten: (users: number, deleted: number) => void
  /** Looks at the rows of a partition before any of them is packed. Default: nobody does. */
  readonly prepare?: ((open: OpenPartition) => Promise<void>) | undefined
  /** Told of a pause between two requests that depend on each other, milliseconds. */
  readonly onSettling: (ms: number) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What the configuration and the kind of run say of delivering. */
export interface DeliveryRules {
  /** The run's `now`, milliseconds. */
  readonly nowMs: number
  /** Users may be created, by sync name. */
  readonly createUsers: ReadonlySet<string>
  /** Cohorts that are there get the names the configuration has for them. */
  readonly renamesCohorts: boolean
  /** Users who cannot be finished may wait while the source goes on. */
  readonly defersUsers: boolean
  /**
   * Rows in memory are no longer what the state should hold, so no snapshot may be taken of them.
   */
  readonly blocksSnapshots: boolean
  /** Rows are brought in line in a way that no later run would, unless it is written. */
  readonly isOnceOnly: boolean
}

/** How delivering ended. */
export interface Delivered {
  /** Everything planned was delivered or refused. */
  readonly isComplete: boolean
  /** What ended it early, or null. */
  readonly failure: unknown
  /**
   * Users who may wait for the next run while the sources go on; null when the sources must not.
   */
  readonly unfinished: readonly DeferredUser[] | null
  /** Letters that become durable when the sources go on, since otherwise they are met again. */
  readonly letters: readonly DeadLetter[]
}

/** An end that leaves the sources where they were. */
export function endedBy(failure: unknown): Delivered {
  return { isComplete: false, failure, unfinished: null, letters: [] }
}

const NOTHING_UNFINISHED: Unfinished = { users: [], isComplete: true, isStored: true }

/** Delivers what was planned, pass by pass. */
export class PlanDelivery {
  readonly #inputs: PlanDeliveryInputs
  /** Names of cohorts by id. */
  #cohorts = new Map<string, string>()
  /** Users forgotten so far, as rows name them. */
  readonly #gone = new Set<string>()

  constructor(inputs: PlanDeliveryInputs) {
    this.#inputs = inputs
  }

  /** @param fold - folds again what was planned in several passes */
  async run(planned: Planned, fold: SourceFold, createPlanner: CreatePlanner): Promise<Delivered> {
    const { partitions, sending } = this.#inputs
    let all: Delivered = { isComplete: true, failure: null, unfinished: [], letters: [] }
    try {
      this.#cohorts = await cohortNames.readAll(this.#inputs.store)
      for (let number = 0; number < planned.passes; number++) {
        const folded =
          planned.folded ??
          (await this.#foldAgain(fold, createPlanner, { number, of: planned.passes }))
        const delivered = await this.#pass(folded)
        if (delivered.failure !== null || sending.signal.aborted) return endedBy(delivered.failure)
        all = joinPasses(all, delivered)
        if (planned.passes > 1) partitions.close()
      }
      const isAboutGone = aboutUsers(this.#gone)
      const letters = all.letters.filter((letter) => !isAboutGone(letter))
      return { ...all, letters, failure: this.#inputs.rounds.ended.failure }
    } catch (error) {
      return endedBy(error)
    }
  }

  async #foldAgain(
    fold: SourceFold,
    createPlanner: CreatePlanner,
    shard: { number: number; of: number },
  ): Promise<Folded> {
    const folded = (await fold.fold(shard))!
    createPlanner({ digest: false }).planAll(this.#inputs.partitions.rows)
    return folded
  }

  async #pass(folded: Folded): Promise<Delivered> {
    const { sending, outcomes } = this.#inputs
    outcomes.follow(folded.merged.pairs)
    const { failure, isComplete, unfinished } = await deliverPass(this.#passInputs(), folded.merged)
    if (failure !== null || sending.signal.aborted) return endedBy(failure)
    if (isComplete) return this.#finishPass(folded, NOTHING_UNFINISHED)
    return this.#finishPass(folded, this.#suspend(folded, unfinished))
  }

  #passInputs(): PassInputs {
    const { partitions, rules, reasons } = this.#inputs
    const { nowMs, createUsers, renamesCohorts } = rules
    const onRefusedPair: PassInputs['onRefusedPair'] = ({ code, message }) =>
      reasons.add(code, message)
    return {
      ...this.#inputs,
      rows: partitions.rows,
      createUsers,
      renamesCohorts,
      nowMs,
      known: this.#cohorts,
      onRefusedPair,
    }
  }

  #suspend({ merged }: Folded, rows: readonly RowAt[]): Unfinished | null {
    const { outcomes, rules } = this.#inputs
    return rules.defersUsers
      ? suspendUnfinished(outcomes, rows, { pairs: merged.pairs, isOnceOnly: rules.isOnceOnly })
      : null
  }

  /**
   * Ends a pass in the order nothing is lost by: users to be forgotten; the outcomes so far; rows
   * that had nothing to send, with what their mappings refused; letters of records; and last the
   * snapshots, which hold all of that.
   */
  async #finishPass(folded: Folded, unfinished: Unfinished | null): Promise<Delivered> {
    const { committer, rules } = this.#inputs
    const kept = await this.#forget(folded)
    if (unfinished === null || (kept.length > 0 && !rules.defersUsers)) return endedBy(null)
    await committer.flush()
    const compaction = await this.#compaction()
    const grown = this.#writeRest(unfinished, compaction)
    const asked = new Set(folded.forgotten.map(({ text }) => text))
    const users = [...unfinished.users.filter(({ user }) => !asked.has(user)), ...kept]
    const isComplete = unfinished.isComplete && kept.length === 0
    const later = this.#addLetters(folded.letters, isComplete)
    await committer.flush()
    await compactPartitions(compaction, grown)
    await mergePartitions(compaction, compaction.logs.merges())
    return { isComplete, failure: null, unfinished: users, letters: later }
  }

  /** How large the state's logs are, and what makes them smaller. */
  async #compaction(): Promise<Compaction> {
    const { store, lease } = this.#inputs
    return { store, lease: () => lease.current, logs: await LogSizes.read(store) }
  }

  /** Writes what concerns no delivery. Returns the partitions that get a snapshot instead. */
  #writeRest({ isStored }: Unfinished, { logs }: Compaction): readonly OpenPartition[] {
    const { committer, outcomes, partitions, due, rules } = this.#inputs
    const grown: OpenPartition[] = []
    for (const open of partitions.rows.partitions) {
      if (open === undefined) continue
      if (!rules.blocksSnapshots && isStored && logs.isGrown(open)) grown.push(open)
      else outcomes.finishRest(open)
      writeRefused(committer, open)
      if (open.rows.stored === null) due.note(open, partitions.leftRows(open.rows.number))
    }
    return grown
  }

  /**
   * Adds the letters of a pass, not those about users who are gone; returns those that wait for the
   * sources to go on.
   */
  #addLetters(all: readonly DeadLetter[], isComplete: boolean): readonly DeadLetter[] {
    const { committer, onLetter } = this.#inputs
    const isAboutGone = aboutUsers(this.#gone)
    const isLater = ({ stage }: DeadLetter) => !isComplete && stage === 'source'
    const letters = all.filter((letter) => !isAboutGone(letter))
    for (const letter of letters) {
      if (isLater(letter)) continue
      onLetter(letter.sync)
      committer.addDeadLetter(letter)
    }
    return letters.filter(isLater)
  }

  /**
   * Forgets users, and adds them to those who are gone; returns those the destination did not
   * delete.
   */
  async #forget({ forgotten }: Folded): Promise<readonly DeferredUser[]> {
    const { sending, committer, lease, partitions, store, reasons } = this.#inputs
    const kept = await forgetUsers(
      {
        store,
        rows: partitions.rows,
        destination: sending.destination,
        committer,
        epoch: () => lease.current.epoch,
        signal: sending.sendSignal,
        counted: (call) => countedCall(sending, call),
        onForgotten: this.#inputs.onForgotten,
        onRefused: ({ code, message }) => reasons.add(code, message),
      },
      forgotten,
    )
    const left = new Set(kept)
    for (const user of forgotten) if (!left.has(user)) this.#gone.add(user.text)
    return kept.map(({ partition, text }) => ({
      partition,
      user: text,
      doubted: [],
      unanswered: null,
    }))
  }
}

function joinPasses(one: Delivered, other: Delivered): Delivered {
  const unfinished =
    one.unfinished === null || other.unfinished === null
      ? null
      : [...one.unfinished, ...other.unfinished]
  return {
    isComplete: one.isComplete && other.isComplete,
    failure: null,
    unfinished,
    letters: [...one.letters, ...other.letters],
  }
}

/** Writes what rows had refused, of those that are in the log. */
export function writeRefused(committer: Committer, open: OpenPartition): void {
  for (const [row, column] of open.takeRefusals())
    if (row < open.durableRows) committer.deltaOf(open).refused(row, column)
}
