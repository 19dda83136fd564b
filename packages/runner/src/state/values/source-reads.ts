import { NamedValues } from './named-value.ts'

/**
 * When a server read a source last that does not go on, milliseconds since the epoch, by source: it
 * need not read that again before its schedule says so.
 */
export const sourceReads = new NamedValues<number>('read:', {
  encode: (readMs) => readMs,
  decode: (stored) => (typeof stored === 'number' ? stored : undefined),
})
