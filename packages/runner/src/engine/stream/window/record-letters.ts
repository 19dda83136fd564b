import type { DeadLetter } from '@engage-sync/core'
import { aboutUsers } from '../../../state/reading/dead-letters.ts'
import type { Shift } from '../session/index.ts'

/**
 * Keeps the letters of records a window rejected, as many as a shift may have; not those about
 * users who are gone.
 */
export function addRecordLetters(
  shift: Shift,
  letters: readonly DeadLetter[],
  gone: ReadonlySet<string>,
): void {
  const { committer, counters } = shift.books
  const isAboutGone = aboutUsers(gone)
  for (const letter of letters) {
    if (isAboutGone(letter) || !shift.takesLetter()) continue
    counters.countLetter(letter.sync)
    committer.addDeadLetter(letter)
  }
}
