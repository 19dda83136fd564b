import { FIRST_ENDED } from './slot-life.ts'

/** @internal Bits of `PendingPool.flags`; the number of the entry's life stands above them. */
export const PENDING_EVENT = 1
/**
 * @internal A run that did not end may have sent another value for it, so this one is sent even if
 * nothing changed since.
 */
export const PENDING_DOUBT = 2
/** @internal */
export const LIFE_SHIFT = 2
/** @internal Flags from here on are of entries of which nothing is sent. */
export const ENDED_FLAGS = FIRST_ENDED << LIFE_SHIFT
/** @internal The bits below the life. */
export const FLAG_BITS = (1 << LIFE_SHIFT) - 1
