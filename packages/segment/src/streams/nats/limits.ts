/** In a millisecond; NATS counts ages in them. */
export const NANOSECONDS = 1_000_000
