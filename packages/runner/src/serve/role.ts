/**
 * What of a server a process is: all of it, alone; what receives; or one of several that work on
 * what others receive.
 */
export const ROLES = ['all', 'front', 'worker'] as const

/** One of them. */
export type Role = (typeof ROLES)[number]
