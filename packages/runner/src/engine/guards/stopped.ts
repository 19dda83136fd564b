import { itemAt } from '@engage-sync/core'
import type { Cause, GuardStop } from '@engage-sync/core'

/**
 * Why a run ended that guards stopped, and the options that let all of it pass.
 *
 * @param stops - at least one
 */
export function causeOfStops(stops: readonly GuardStop[]): Cause {
  const rest = stops.length === 1 ? '' : `; and ${stops.length - 1} more`
  const what = stops.length === 1 ? 'A guard' : `${stops.length} guards`
  return {
    code: 'GUARD_STOPPED',
    message: `${what} stopped it, nothing was sent: ${itemAt(stops, 0).message}${rest}`,
    hint: `If all of it is meant, run again with ${stops.map(({ allow }) => `--allow ${allow}`).join(' ')}`,
    place: null,
  }
}
