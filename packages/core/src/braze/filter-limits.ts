/** Most values one `in` or `not_in` may list. */
export const MAX_LIST_VALUES = 256
/** Longest filter text in UTF-8 bytes. */
export const MAX_PATTERN_BYTES = 10_000
/** Highest count an event filter may ask for. */
export const MAX_EVENT_COUNT = 50
/** Longest window of an event filter in days. */
export const MAX_WITHIN_DAYS = 30
