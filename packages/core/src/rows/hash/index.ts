/*
 * hash: 64 bits instead of bytes: digests of values, keys and hashes of users.
 *
 * `murmur.ts` leaves its result in a register, for the fold alone; everybody else asks `digest.ts`
 * and `user-key.ts`.
 */
export * from './digest.ts'
export * from './hash-index.ts'
export * from './user-key.ts'
