/** A sync, for the way its users are named. */
interface Named {
  readonly identity: { readonly lowerCase?: boolean }
}

/**
 * What rows may call a user a person names: without spaces around, and in lower case where a sync
 * takes identifiers so. Of `label:name` the name alone is lowered, too.
 */
export function namesOf(user: string, syncs: readonly Named[]): readonly string[] {
  const name = user.trim()
  if (!syncs.some(({ identity }) => identity.lowerCase === true)) return unique([user, name])
  const label = name.slice(0, name.indexOf(':') + 1)
  const lowered = label + name.slice(label.length).toLowerCase()
  return unique([user, name, name.toLowerCase(), lowered])
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
