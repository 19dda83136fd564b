/**
 * Largest webhook body, in bytes. Segment posts at most 4,000 events of 32 KB, in practice far
 * less.
 */
export const MAX_WEBHOOK_BYTES = 8 * 1024 * 1024
