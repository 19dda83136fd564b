import { isJsonObject } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'
import { NamedValue } from './named-value.ts'

/** A configuration on its way to all partitions, while workers of the one before go on. */
export interface Rollout {
  /** Fingerprint of the one before. */
  readonly base: string
  /** When it began, milliseconds since the epoch: what is new was born then, wherever it is. */
  readonly startedMs: number
  /** Partitions that are in line with it, ascending. */
  readonly done: readonly number[]
  /** Ids of mappings and segments it changed, took away or brought. */
  readonly touched: readonly string[]
}

/** The newest configuration of a fleet. */
export interface FleetConfiguration {
  /** Counts up from 1 with each; 0 before the first. */
  readonly epoch: number
  /** Of its syncs; empty where that is not known. */
  readonly fingerprint: string
  /** Whether it joins aliases with users, wherever these are. */
  readonly joinsAliases: boolean
  /** Null once all partitions are in line with it. */
  readonly rollout: Rollout | null
}

/** Before the first. */
export const NO_CONFIGURATION: FleetConfiguration = {
  epoch: 0,
  fingerprint: '',
  joinsAliases: false,
  rollout: null,
}

/** Which configuration the workers of a state go by. */
export const fleetConfiguration = new NamedValue<FleetConfiguration>(
  'configuration',
  {
    encode: ({ epoch, fingerprint, joinsAliases, rollout }) => ({
      epoch,
      fingerprint,
      joins_aliases: joinsAliases,
      rollout:
        rollout === null
          ? null
          : {
              base: rollout.base,
              started: rollout.startedMs,
              done: rollout.done,
              touched: rollout.touched,
            },
    }),
    decode: decodeConfiguration,
  },
  NO_CONFIGURATION,
)

/** @param stored - null for a state without one */
export function decodeConfiguration(stored: Json): FleetConfiguration | undefined {
  if (stored === null) return NO_CONFIGURATION
  if (!isJsonObject(stored)) return undefined
  const { epoch, fingerprint, rollout = null } = stored
  if (typeof epoch !== 'number' || typeof fingerprint !== 'string') return undefined
  const joinsAliases = stored['joins_aliases'] === true
  if (rollout === null) return { epoch, fingerprint, joinsAliases, rollout }
  if (!isJsonObject(rollout)) return undefined
  const { base, started: startedMs, done, touched } = rollout
  if (typeof base !== 'string' || typeof startedMs !== 'number') return undefined
  if (!Array.isArray(done) || !Array.isArray(touched)) return undefined
  return {
    epoch,
    fingerprint,
    joinsAliases,
    rollout: { base, startedMs, done: done.map(Number), touched: touched.map(String) },
  }
}

/** Of the syncs of a configuration. */
export function fingerprintOfAll(syncs: readonly { readonly fingerprint: string }[]): string {
  return syncs.map(({ fingerprint }) => fingerprint).join('+')
}

/** The configuration a worker has by its fingerprint: 0 where it is neither the newest nor the one before. */
export function epochOf({ epoch, fingerprint, rollout }: FleetConfiguration, of: string): number {
  if (of === fingerprint) return epoch
  return of === rollout?.base ? epoch - 1 : 0
}
