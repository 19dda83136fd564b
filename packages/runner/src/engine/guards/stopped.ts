import { itemAt } from '@engage-sync/core'
import type { Cause, GuardStop } from '@engage-sync/core'

/**
 * Why a run ended that guards stopped, and the options that let all of it pass.
 *
 * @param stops - at least one
 */
export function causeOfStops(stops: readonly GuardStop[]): Cause {
  const isOne = stops.length === 1
  return {
    code: 'GUARD_STOPPED',
    message: isOne
      ? `A guard stopped it, nothing was sent: ${itemAt(stops, 0).message}`
      : `${stops.length} guards stopped it, nothing was sent: ${namesOf(stops)}`,
    hint: `If ${isOne ? 'that' : 'all of that'} is meant, run again with ${stops.map(({ allow }) => `--allow ${allow}`).join(' ')}`,
    place: null,
  }
}

/** How many are named; the list of guards has all. */
const MOST_NAMES = 3

function namesOf(stops: readonly GuardStop[]): string {
  const names = stops
    .slice(0, MOST_NAMES)
    .map(({ guard, subject }) => `${guard}${subject === null ? '' : ` of ${subject}`}`)
  return stops.length > MOST_NAMES
    ? `${names.join(', ')} and ${stops.length - MOST_NAMES} more`
    : names.join(', ')
}
