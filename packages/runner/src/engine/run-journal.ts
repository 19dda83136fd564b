import type { Json, Report, RunRecord, StateStore } from '@engage-sync/core'
import type { HeldLease } from './durable/index.ts'
import type { EngineOptions } from './request/index.ts'

type JournalOptions = Pick<EngineOptions, 'store' | 'actor' | 'commit' | 'syncs' | 'now' | 'signal'>

/** The record of one run in the state's history, from its number to its end. */
export class RunJournal {
  readonly number: number
  /** When it started, milliseconds since the epoch. */
  readonly startedMs: number
  readonly #options: JournalOptions
  readonly #clockStart = performance.now()

  private constructor(
    options: JournalOptions,
    run: { readonly number: number; readonly startedMs: number },
  ) {
    this.#options = options
    this.number = run.number
    this.startedMs = run.startedMs
  }

  /** Takes a number. A run that is still `running` though nobody holds the lease was killed. */
  static async begin(
    options: JournalOptions,
    lease: HeldLease,
    startedMs: number,
  ): Promise<RunJournal> {
    const { store } = options
    await abandonLast(store, lease)
    return new RunJournal(options, { number: await store.nextRunNumber(), startedMs })
  }

  /** Since it began. */
  get seconds(): number {
    return Math.round(performance.now() - this.#clockStart) / 1000
  }

  /** The run as the history keeps it, by now. */
  record(status: RunRecord['status'], report: Report | null): RunRecord {
    const { actor, commit, syncs, now } = this.#options
    return {
      number: this.number,
      startedAt: new Date(this.startedMs).toISOString(),
      finishedAt: status === 'running' ? null : new Date(now()).toISOString(),
      actor,
      commit,
      fingerprint: syncs.map(({ fingerprint }) => fingerprint).join('+'),
      status,
      report: report as unknown as Json,
    }
  }

  /**
   * Notes how a run ended that could not go on; a state that cannot be written keeps it as running.
   */
  async recordFailure(lease: HeldLease): Promise<void> {
    const { store, signal } = this.#options
    const run = this.record(signal.aborted ? 'interrupted' : 'failed', null)
    await store.commit({ epoch: lease.current.epoch, run }).catch(() => undefined)
  }
}

async function abandonLast(store: StateStore, lease: HeldLease): Promise<void> {
  const [last] = await store.runs(1)
  if (last?.status === 'running')
    await store.commit({ epoch: lease.current.epoch, run: { ...last, status: 'abandoned' } })
}
