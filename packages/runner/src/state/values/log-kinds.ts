import { NamedValues } from './named-value.ts'

/**
 * The kind of log a server kept what it received in, by source: acknowledged records may wait there of which no
 * position tells yet.
 */
export const logKinds = new NamedValues<string>('log:', {
  encode: (kind) => kind,
  decode: (stored) => (typeof stored === 'string' ? stored : undefined),
})
