import { closest } from '@engage-sync/contract'
import { reservedReason } from '../../braze/attribute-names.ts'
import { nameProblem } from '../../braze/limits.ts'
import type { NormalisedSync } from '../../model/sync.ts'
import { splitDottedName } from '../../names/dotted-name.ts'
import { overlaps } from '../../names/overlap.ts'
import type { Finding } from '../document/document.ts'
import { enabledMappings, SECTIONS, whereIs } from './mappings.ts'
import type { Section } from './mappings.ts'
import type { Rule } from './rule.ts'

/** `moved` leads from a mapping that is gone to one that exists, each once. */
export const checkMoved: Rule = ({ syncs }) => {
  for (const { document, sync } of syncs) {
    const seen = { from: new Set<string>(), to: new Set<string>() }
    sync.moved.forEach((moved, index) => {
      if (document.isDamaged(['moved', index])) return
      for (const side of ['from', 'to'] as const) {
        const problem =
          sideProblem(sync, side, moved) ??
          (seen[side].has(moved[side]) ? twice(side, moved[side]) : null)
        const isCertain = side === 'from' || !isSectionDamaged(document, moved.to)
        if (problem !== null && isCertain)
          document.report('MOVED_INVALID', document.rangeOf(['moved', index, side]), problem)
        seen[side].add(moved[side])
      }
    })
  }
}

function isSectionDamaged(
  document: { isDamaged: (path: readonly string[]) => boolean },
  place: string,
): boolean {
  return document.isDamaged(place.split('.', 1))
}

type Moved = NormalisedSync['moved'][number]

function sideProblem(sync: NormalisedSync, side: 'from' | 'to', moved: Moved): Finding | null {
  const place = placeOf(moved[side])
  if (place === null) {
    return {
      message: `"${moved[side]}" is no mapping`,
      hint: `Write it as \`<section>.<key>\`, e.g. \`traits.ltv\`.`,
    }
  }
  const exists = sync[place.section].has(place.key)
  if (side === 'from') {
    if (!exists) return null
    return {
      message: `"${moved.from}" is still there`,
      hint: 'Remove the mapping, or this entry: only what is gone can have moved.',
    }
  }
  if (!exists) return { message: `there is no "${moved.to}"`, ...missingHint(sync, place) }
  const from = placeOf(moved.from)
  if (from === null || kindOf(from.section) === kindOf(place.section)) return null
  return {
    message: `"${moved.from}" and "${moved.to}" are of different kinds`,
    hint: 'A value cannot become a membership, or the reverse.',
  }
}

function missingHint(
  sync: NormalisedSync,
  place: { readonly section: Section; readonly key: string },
): { hint: string } {
  const near = closest(place.key, sync[place.section].keys())
  return {
    hint:
      near === null
        ? 'Name the mapping as it is called now.'
        : `Did you mean "${place.section}.${near}"?`,
  }
}

const kindOf = (section: Section) =>
  section === 'traits' || section === 'enrichment' ? 'value' : 'membership'

function placeOf(text: string): { readonly section: Section; readonly key: string } | null {
  const section = SECTIONS.find(
    (name) => text.startsWith(`${name}.`) && text.length > name.length + 1,
  )
  return section === undefined ? null : { section, key: text.slice(section.length + 1) }
}

function twice(side: 'from' | 'to', place: string): Finding {
  return {
    message: `"${place}" stands under \`${side}\` already`,
    hint:
      side === 'from'
        ? 'A mapping moves to one place.'
        : 'Two mappings cannot become one: retire one of them.',
  }
}

/** `retire` names custom attributes that nothing writes any more, each once. */
export const checkRetired: Rule = (context) => {
  const writers = enabledMappings(context).filter(({ mapping }) => mapping.send)
  for (const { document, sync } of context.syncs) {
    const seen = new Set<string>()
    for (const { attribute, range } of sync.retire) {
      const name = attribute.trim()
      const target = splitDottedName(name)
      const writer = writers.find(
        ({ mapping: { attribute: written } }) => written !== null && overlaps(written, target),
      )
      const reserved = reservedReason(name)
      const problem = nameProblem(name)
      if (problem !== null)
        document.report('ATTRIBUTE_NAME_INVALID', range, {
          message: problem,
          hint: 'Write the name as it is in Braze.',
        })
      else if (reserved !== null)
        document.report('ATTRIBUTE_RESERVED', range, {
          message: `"${name}" cannot be retired`,
          hint: reserved,
        })
      else if (writer !== undefined) {
        document.report('RETIRED_STILL_WRITTEN', range, {
          message: `"${name}" is still written by ${whereIs(writer, document)}`,
          hint: 'Remove that mapping, or this entry.',
        })
      } else if (seen.has(name)) {
        document.report('RETIRED_TWICE', range, {
          message: `"${name}" is retired already`,
          hint: 'Keep one of the entries.',
        })
      }
      seen.add(name)
    }
  }
}
