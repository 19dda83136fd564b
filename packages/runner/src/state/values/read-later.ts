import { NamedValue } from './named-value.ts'

/**
 * Until when workers leave a source that ends and is due alone, since it could not be read, milliseconds
 * since the epoch; 0 for never.
 */
export const readLater = new NamedValue<number>(
  'read-later',
  {
    encode: (untilMs) => untilMs,
    decode: (stored) => (typeof stored === 'number' ? stored : undefined),
  },
  0,
)
