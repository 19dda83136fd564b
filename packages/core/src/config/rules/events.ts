import { foldName } from '../../names/fold-name.ts'
import { enabledMappings, eventNamesOf, whereIs } from './mappings.ts'
import type { PlacedMapping } from './mappings.ts'
import type { Rule } from './rule.ts'

/**
 * Event names that differ by case or spaces only are most likely meant to be one. Equal names are
 * shared on purpose.
 */
export const checkAlikeEvents: Rule = (context) => {
  const seen = new Map<string, { readonly name: string; readonly placed: PlacedMapping }>()
  for (const placed of enabledMappings(context)) {
    for (const written of eventNamesOf(placed)) {
      const name = written.trim()
      const before = seen.get(foldName(name))
      if (before === undefined) seen.set(foldName(name), { name, placed })
      else if (before.name !== name) {
        placed.document.report('EVENT_ALIKE', rangeOfEvent(placed, written), {
          message: `"${name}" differs from "${before.name}" by case or spaces only; that is ${whereIs(before.placed, placed.document)}`,
          hint: `Write \`${before.name}\` if they are the same event.`,
        })
      }
    }
  }
}

function rangeOfEvent({ document, mapping, path }: PlacedMapping, name: string) {
  const { event } = mapping
  if (event === null || 'name' in event) return event?.range ?? mapping.range
  return document.rangeOf([...path, 'event', event.entered === name ? 'entered' : 'exited'])
}
