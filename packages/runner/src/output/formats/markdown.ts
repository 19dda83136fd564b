/**
 * The most characters GitHub takes in one comment.
 *
 * @see https://github.com/orgs/community/discussions/41331
 */
export const MAX_COMMENT = 65_536

/** Text that stays inside its cell and is taken as text. */
export function escapeCell(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/([\\`*_[\]<>|#@~])/g, '\\$1')
}
