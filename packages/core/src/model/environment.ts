import type { BrazeInstance } from '@engage-sync/contract'
import type { LogConfig } from '../schema/project.ts'
import type { SourceConfig } from '../schema/source.ts'
import type { SourceRange } from './source-range.ts'
import type { OnDelete } from './sync.ts'

/** The Braze workspace of an environment. Secrets are still references. */
export interface NormalisedBraze {
  /** `simulator`, or a URL without a trailing slash. */
  readonly endpoint: string
  readonly instance: BrazeInstance | null
  readonly apiKey: string | null
  readonly batch: 'combined' | 'per_array' | 'bulk'
  readonly requestsPerSecond: number | null
  readonly settleMs: number
  readonly verifyAfterMs: number
  readonly companyTimeZone: string
  /** Null: no partner key, so no cohorts. The simulator always has one. */
  readonly cohorts: {
    readonly partner: string
    readonly partnerApiKey: string
    readonly dataImportKey: string
  } | null
}

/** Guards with shares as fractions. */
export interface NormalisedGuards {
  readonly maxRemovals: number
  readonly minRemovals: number
  readonly maxAdditions: number
  /** Null: no limit. */
  readonly maxDataPoints: number | null
  /** Null: no limit. */
  readonly maxRejected: number | null
  readonly emptySource: 'stop' | 'allow'
}

/** An address to listen on. */
export interface ListenAddress {
  /** Name or address, without the brackets of IPv6; empty for every one. */
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
}

/** Where what is received is kept until it is worked on. */
export type NormalisedLog =
  | 'spool'
  | { readonly postgres: { readonly retentionMs: number } }
  | Extract<LogConfig, { readonly nats: unknown } | { readonly kafka: unknown }>

/** How `serve` works. Secrets are still references. */
export interface NormalisedServe {
  readonly listen: ListenAddress
  /** Least time between two windows. */
  readonly windowMs: number
  readonly maxLogBytes: number
  /** Where what is received is kept. */
  readonly log: NormalisedLog
  /** Null: the desk is for this machine alone. */
  readonly adminToken: string | null
  readonly trustProxy: boolean
}

/** What an alert can tell of, beside what passes a limit. */
export type NotifyEvent = 'failed' | 'stopped' | 'recovered' | 'frozen' | 'silence'

/** Somebody who is told when a run does not go well. The address and the secret are still references, also where those of the environment are resolved. */
export interface NormalisedNotify {
  readonly kind: 'slack' | 'webhook'
  readonly url: string
  /** Signs what a webhook is posted; null: it is not signed. */
  readonly secret: string | null
  readonly on: readonly NotifyEvent[]
  /** More than this share of the values read; null: not told. */
  readonly rejected: number | null
  /** More dead letters of a run than this; null: not told. */
  readonly deadLetters: number | null
  /** Longer runs; null: not told. */
  readonly durationMs: number | null
  /** No run that ended well for so long; null: not told. */
  readonly silenceMs: number | null
  /** How long the same trouble is not told again. */
  readonly againMs: number
}

/** An environment in long form. Secrets are still references: `resolveSecrets` replaces them. */
export interface NormalisedEnvironment {
  readonly name: string
  readonly braze: NormalisedBraze
  readonly segment: {
    readonly region: 'us' | 'eu'
    readonly spaceId: string
    readonly profileApiToken: string | null
    readonly publicApiToken: string | null
  } | null
  readonly sources: ReadonlyMap<string, SourceConfig>
  readonly state: {
    readonly url: string | null
    readonly keepValues: boolean
    readonly deadLetterDays: number
  }
  readonly guards: NormalisedGuards
  readonly serve: NormalisedServe
  readonly notify: readonly NormalisedNotify[]
  readonly onUnknown: 'verify' | 'repeat' | 'skip'
  readonly onDelete: OnDelete
  readonly range: SourceRange
}

/** The project, its environments, and the one that was asked for. */
export interface NormalisedProject {
  readonly path: string
  readonly environments: ReadonlyMap<string, NormalisedEnvironment>
  /** The environment asked for; null when the project has no such one. */
  readonly environment: NormalisedEnvironment | null
}

/** Whether the environment's Braze is the simulator, by name. */
export function isSimulator(braze: NormalisedBraze): boolean {
  return braze.endpoint === 'simulator'
}
