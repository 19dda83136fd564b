import { NamedValues } from './named-value.ts'

/** A kind of log, as `serve.log` names it. */
export type LogKind = 'spool' | 'postgres' | 'nats' | 'kafka'

/** Where records of a source wait until they are worked on. */
export interface UsedLog {
  readonly kind: LogKind
  /** Which stream or topic it is, in words; left out where the kind says all, or nobody knows. */
  readonly place?: string
  /** Addresses it is reached by; left out where nobody knows. */
  readonly servers?: readonly string[]
}

/**
 * The log that a server read a source from, by source: acknowledged records may wait there of which
 * no position tells yet.
 */
export const usedLogs = new NamedValues<UsedLog>('log:', {
  encode: ({ kind, place, servers }) => ({
    kind,
    ...(place !== undefined && { place }),
    ...(servers !== undefined && { servers: [...servers] }),
  }),
  decode: (stored) => {
    // Former versions kept the kind alone.
    if (typeof stored === 'string') return { kind: stored as LogKind }
    const isObject = typeof stored === 'object' && stored !== null && 'kind' in stored
    return isObject ? (stored as unknown as UsedLog) : undefined
  },
})
