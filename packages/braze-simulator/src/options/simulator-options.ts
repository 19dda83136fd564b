import type { Json, JsonObject } from '@engage-sync/contract'
import type { FaultOptions } from './fault-options.ts'
import type { Rules } from './rules.ts'
import type { Settings } from './settings.ts'

/** A REST key. */
export interface ApiKey {
  readonly key: string
  /** What it may do, such as `users.track`. Default: everything. */
  readonly permissions?: readonly string[]
}

/** A partner that may write cohorts. */
export interface Partner {
  /** In the path: `/partners/{name}/cohorts`. */
  readonly name: string
  readonly partnerApiKey: string
  readonly clientSecret: string
  /** Whether the customer has switched it on. Default true. */
  readonly isEnabled?: boolean
}

/**
 * A segment as one would make it in the dashboard; its filter as `POST /simulator/filter` takes it.
 */
export interface SegmentForm {
  readonly id: string
  readonly name: string
  readonly filter: Json
  readonly description?: string
}

/** How a simulator starts. */
export interface SimulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number
  /** Default `127.0.0.1`. */
  readonly host?: string
  /**
   * Names requests may call the server by, beside those of the loopback and `host`. Default: none.
   */
  readonly hostNames?: readonly string[]
  /**
   * Keeps everything in this file: read at the start, written with every accepted request. Default:
   * memory alone.
   */
  readonly store?: string
  /** Default: the key `simulator`, which may do everything. */
  readonly apiKeys?: readonly ApiKey[]
  /** Default: `simulator`, with `simulator` as both secrets. */
  readonly partners?: readonly Partner[]
  /** Decides everything random: shuffling, faults by chance. Default 1. */
  readonly seed?: number
  /**
   * Profiles that are there from the start, in the shape of an export or of an attributes object.
   */
  readonly users?: readonly JsonObject[]
  /** Segments that are there from the start. */
  readonly segments?: readonly SegmentForm[]
  /** Count and keep nothing. Default false. */
  readonly lean?: boolean
  readonly settings?: Partial<Settings>
  /** Rules to turn off. */
  readonly rules?: Partial<Rules>
  readonly faults?: readonly FaultOptions[]
  /** Milliseconds since the epoch. Default: the clock of the machine. */
  readonly now?: () => number
}

/** Key, partner name and secrets when nothing else is said. */
export const DEFAULT_CREDENTIAL = 'simulator'
