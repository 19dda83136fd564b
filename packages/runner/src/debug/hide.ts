import type { CompiledSync, Encoding } from '@engage-sync/core'

/** Texts of the configuration; they tell nothing of a person. */
export function knownTexts(syncs: readonly CompiledSync[]): ReadonlySet<string> {
  const texts = new Set<string>()
  for (const { mappings, segments, identity } of syncs) {
    if (identity.alias !== null) texts.add(identity.alias.label)
    for (const { wanted } of mappings) texts.add([wanted.key, ...wanted.path].join('.'))
    for (const { encodings } of [...mappings, ...segments]) {
      for (const text of encodings.flatMap(textsOf)) texts.add(text)
    }
  }
  return texts
}

function textsOf(encoding: Encoding): readonly string[] {
  switch (encoding.kind) {
    case 'attribute':
      return encoding.element === null ? [] : [encoding.element]
    case 'event':
      return encoding.names
    case 'cohort':
      return [encoding.cohortId]
    case 'subscription':
      return [encoding.groupId, 'subscribed', 'unsubscribed']
  }
}

/**
 * A value with everything hidden that could tell who someone is or what is known of them.
 *
 * Shape: names of members, texts of the configuration, times of events, `true`, `false` and `null`
 * stay; of other texts the length is said, of numbers that they are some.
 */
export function hideValues(value: unknown, known: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return known.has(value) ? value : `<text of ${[...value].length}>`
  if (typeof value === 'number') return '<number>'
  if (Array.isArray(value)) return value.map((item) => hideValues(item, known))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, hideValues(member, known)]),
  )
}
