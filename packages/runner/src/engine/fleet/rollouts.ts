import { PARTITIONS } from '@engage-sync/core'
import type { CommitGroup, Membership } from '@engage-sync/core'
import { isSyncError } from '../../process/sync-error.ts'
import {
  decodeConfiguration,
  fingerprintOfAll,
  fleetConfiguration,
} from '../../state/values/configuration.ts'
import type { FleetConfiguration, Rollout } from '../../state/values/configuration.ts'
import { unreadable, workerLost } from '../../state/format/errors.ts'
import { promotesAliases } from '../aliases/index.ts'
import { missedMappings, recordsAfter, resolveMappings, retiredValues } from '../mappings/index.ts'
import type { ResolvedMappings } from '../mappings/index.ts'
import type { EngineOptions } from '../request/index.ts'
import type { InLine } from './rolled-state.ts'

/** How often something is written anew where somebody else joined meanwhile. */
const TRIES = 10

type Options = Pick<EngineOptions, 'store' | 'syncs' | 'configured' | 'now' | 'kind'>

/** How a worker's configuration stands to those of the state. */
export type Standing = 'newest' | 'former' | 'other'

/**
 * The step from one configuration to the next, partition by partition.
 *
 * While it lasts, the records of the state are those of the former one, as after a run of the newer
 * one that was cut off: whoever works alone then does what such a run would have done. What is
 * beyond that stands in one value, which is changed whole.
 */
export class Rollouts {
  readonly fingerprint: string
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
    this.fingerprint = fingerprintOfAll(options.syncs)
  }

  read(): Promise<FleetConfiguration> {
    return fleetConfiguration.read(this.#options.store)
  }

  standing({ fingerprint, rollout }: FleetConfiguration): Standing {
    if (fingerprint === this.fingerprint) return 'newest'
    return rollout?.base === this.fingerprint ? 'former' : 'other'
  }

  /** The state is in line with this configuration, whole. @param epoch - of the lease the caller holds */
  async adopt(epoch: number): Promise<void> {
    const { store, now } = this.#options
    const current = await this.read()
    const { fingerprint } = this
    if (current.fingerprint === fingerprint && current.rollout === null) return
    const grown = current.fingerprint === fingerprint ? current.epoch : current.epoch + 1
    const { programs } = await this.#resolve(now())
    const joinsAliases = promotesAliases(programs)
    const adopted = { epoch: grown, fingerprint, joinsAliases, rollout: null }
    await store.commit({ epoch, values: [fleetConfiguration.stored(adopted)] })
  }

  /**
   * Makes this configuration the newest, beside workers of the one before.
   *
   * Shape: false where only one alone can do that: names move, aliases are joined, or another step
   * is under way.
   */
  async begin(member: Membership): Promise<boolean> {
    const { store, now } = this.#options
    const startedMs = now()
    const resolved = await this.#resolve(startedMs)
    if (resolved.changes.moved.length > 0 || promotesAliases(resolved.programs)) return false
    const touched = touchedBy(resolved)
    const { fingerprint } = this
    return await store.changeValue(member, fleetConfiguration.key, (stored) => {
      const current = decoded(stored)
      const isFree = current.rollout === null && current.fingerprint !== ''
      const canBegin = isFree && !current.joinsAliases && current.fingerprint !== fingerprint
      if (!canBegin) return { value: null, result: current.fingerprint === fingerprint }
      const rollout = { base: current.fingerprint, startedMs, done: [], touched }
      const next = { epoch: current.epoch + 1, fingerprint, joinsAliases: false, rollout }
      return { value: fleetConfiguration.stored(next).value, result: true }
    })
  }

  /** Makes durable what is born with the newest configuration, and its columns: the same, whoever does it. */
  async bear(member: Membership, { startedMs }: Rollout): Promise<void> {
    const { store } = this.#options
    const { begun, values } = await this.#resolve(startedMs)
    const known = new Set((await store.mappings()).map(({ id }) => id))
    const missing = begun.filter(({ id }) => !known.has(id))
    await this.#write(member, { mappings: missing, values })
  }

  /** What the state will say once all is in line. */
  async inLine({ startedMs }: Rollout): Promise<InLine> {
    const resolved = await this.#resolve(startedMs)
    return {
      mappings: this.#recordsOf(resolved),
      values: new Map(retiredValues(resolved.program).map(({ key, value }) => [key, value])),
    }
  }

  /** Partitions of the caller are in line. The last of them makes it so for the state. */
  async done(member: Membership, partitions: ReadonlySet<number>): Promise<void> {
    const { store } = this.#options
    const rollout = await store.changeValue(member, fleetConfiguration.key, (stored) => {
      const current = decoded(stored)
      if (current.rollout === null || current.fingerprint !== this.fingerprint)
        return { value: null, result: null }
      const all = [...new Set([...current.rollout.done, ...partitions])]
      const rollout = { ...current.rollout, done: all.toSorted((a, b) => a - b) }
      return { value: fleetConfiguration.stored({ ...current, rollout }).value, result: rollout }
    })
    if (rollout?.done.length === PARTITIONS) await this.#finish(member, rollout)
  }

  async #finish(member: Membership, { startedMs }: Rollout): Promise<void> {
    const { store } = this.#options
    const resolved = await this.#resolve(startedMs)
    await this.#write(member, {
      mappings: this.#recordsOf(resolved),
      values: [...resolved.values, ...retiredValues(resolved.program)],
    })
    await store.changeValue(member, fleetConfiguration.key, (stored) => {
      const current = decoded(stored)
      const isOurs = current.fingerprint === this.fingerprint
      const value = isOurs ? fleetConfiguration.stored({ ...current, rollout: null }).value : null
      return { value, result: null }
    })
  }

  /**
   * Writes what is of no partition, the same whoever does it. Whoever takes the lease, or joins, after
   * it was seen that the member is there raises the epoch: nothing is written then, and it is seen
   * once more.
   *
   * @throws {SyncError} `STATE_LEASE_LOST` where the member is none any more
   */
  async #write(member: Membership, group: Pick<CommitGroup, 'mappings' | 'values'>): Promise<void> {
    const { store } = this.#options
    for (let tries = 1; ; tries++) {
      const { epoch } = await store.fleet()
      await store.changeValue(member, fleetConfiguration.key, (stored) => {
        const current = decoded(stored)
        if (current.fingerprint !== this.fingerprint) throw workerLost()
        return { value: fleetConfiguration.stored(current).value, result: null }
      })
      try {
        return await store.commit({ epoch, ...group })
      } catch (error) {
        const isLost = isSyncError(error) && error.code === 'STATE_LEASE_LOST'
        if (!isLost || tries === TRIES) throw error
      }
    }
  }

  #recordsOf(resolved: ResolvedMappings) {
    const { kind } = this.#options
    return [...recordsAfter(resolved, () => false), ...missedMappings(resolved, kind)]
  }

  #resolve(bornMs: number): Promise<ResolvedMappings> {
    const { store, syncs, configured, now } = this.#options
    return resolveMappings(store, syncs, { nowMs: now(), bornMs, configured })
  }
}

function touchedBy({ changes }: ResolvedMappings): readonly string[] {
  const { added, changed, renamed, retired, orphaned } = changes
  return [...added, ...changed, ...renamed, ...retired, ...orphaned.map(({ id }) => id)]
}

function decoded(stored: Parameters<typeof decodeConfiguration>[0]): FleetConfiguration {
  const found = decodeConfiguration(stored)
  if (found === undefined) throw unreadable('its value configuration is no longer what was written')
  return found
}
