import type { Rollout } from '../../state/values/configuration.ts'
import type { HeldLease } from '../durable/index.ts'
import { KeptRows } from '../partitions/index.ts'
import type { SharedState, StreamOptions } from '../stream/index.ts'
import type { Member } from './member.ts'
import { namedBy } from './named-streams.ts'
import { OwnedState } from './owned-state.ts'
import type { Owned } from './owned-state.ts'
import { RolledState } from './rolled-state.ts'
import type { Rollouts } from './rollouts.ts'
import type { WorkerOptions } from './worker-options.ts'

/** What a stream runs under. */
export interface Under {
  readonly lease: HeldLease
  readonly signal: AbortSignal
}

/** What a worker works on for a while. */
export interface Share {
  readonly partitions: ReadonlySet<number>
  /** Of its own configuration, where that is on its way; null where nothing is to be brought in line. */
  readonly rollout: Rollout | null
  readonly until: AbortSignal
}

/** The work of one membership: its shares, one after another. */
export class ShareWork {
  readonly #options: WorkerOptions
  readonly #rollouts: Rollouts
  readonly #through: (options: StreamOptions, under: Under) => Promise<void>
  /** Of its partitions: nobody else writes them while it is a member. */
  readonly #kept = new KeptRows()

  constructor(
    options: WorkerOptions,
    parts: {
      readonly rollouts: Rollouts
      readonly through: (options: StreamOptions, under: Under) => Promise<void>
    },
  ) {
    this.#options = options
    this.#rollouts = parts.rollouts
    this.#through = parts.through
  }

  /** Lets go what was given back: it may be its own again before it looks, and somebody else wrote it meanwhile. */
  keepOnly(partitions: ReadonlySet<number>): void {
    this.#kept.keepOnly(partitions)
  }

  /** Works on a share until it ends; what is not in line yet comes first. */
  async work(member: Member, share: Share): Promise<void> {
    const { partitions, rollout, until } = share
    this.keepOnly(partitions)
    if (rollout !== null && !(await this.#catchUp(member, { ...share, rollout }))) return
    const owned = this.#owned(member, partitions)
    const inLine = rollout === null ? null : await this.#rollouts.inLine(rollout)
    const store =
      inLine === null
        ? new OwnedState(this.#options.store, owned)
        : new RolledState(this.#options.store, owned, inLine)
    const options = {
      ...this.#options,
      store,
      kept: this.#kept,
      share: this.#shareOf(member, { partitions, isPast: store.isPast }),
    }
    await this.#through(options, { lease: keptBy(member), signal: until })
  }

  /** Brings those of its partitions in line that are not yet. Whether all are. */
  async #catchUp(
    member: Member,
    { partitions, rollout, until }: Share & { readonly rollout: Rollout },
  ): Promise<boolean> {
    const done = new Set(rollout.done)
    const behind = new Set([...partitions].filter((partition) => !done.has(partition)))
    if (behind.size === 0) return true
    await this.#rollouts.bear(member.membership, rollout)
    const store = new OwnedState(this.#options.store, this.#owned(member, behind))
    const options = {
      ...this.#options,
      store,
      share: this.#shareOf(member, { partitions: behind, isPast: store.isPast }),
      part: { partitions: behind, bornMs: rollout.startedMs },
      stopsInLine: true,
      isDue: () => false,
    }
    await this.#through(options, { lease: keptBy(member), signal: until })
    if (until.aborted) return false
    await this.#rollouts.done(member.membership, behind)
    return true
  }

  #owned(member: Member, partitions: ReadonlySet<number>): Owned {
    const { maxWindowRecords } = this.#options
    const streams = namedBy(this.#options)
    return { member: () => member.membership, partitions, streams, maxWindowRecords }
  }

  #shareOf(
    member: Member,
    of: Pick<NonNullable<StreamOptions['share']>, 'partitions' | 'isPast'>,
  ): NonNullable<StreamOptions['share']> {
    return { ...of, lost: member.lost, shared: this.#shared(member) }
  }

  #shared(member: Member): SharedState {
    const { store: whole } = this.#options
    return {
      worker: member.membership.worker,
      whole,
      changeValue: (key, change) => whole.changeValue(member.membership, key, change),
    }
  }
}

/** The same for somebody who does not release it. */
export function keptBy(held: HeldLease): HeldLease {
  return {
    ...(held.isShared === true && { isShared: true }),
    get current() {
      return held.current
    },
    ensure: () => held.ensure(),
    release: async () => undefined,
  }
}
