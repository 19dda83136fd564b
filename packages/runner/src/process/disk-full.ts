/** What the system says where a disk has no room, a quota is used up, or a file may not grow. */
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG']

/**
 * Whether something could not be written for want of room: a spool, an export, a report. A state
 * says so itself.
 */
export function isDiskFull(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && NO_ROOM.includes(error.code)
}
