import type { Update, UserRef } from '@engage-sync/contract'

/** The user's identifier as JSON members. */
export function identifierMembers(user: UserRef): string {
  if ('externalId' in user) return `"external_id":${JSON.stringify(user.externalId)}`
  return `"user_alias":${JSON.stringify(aliasObject(user.alias))}`
}

/**
 * The identifier, and the option that says whether the user may be created, as JSON members.
 *
 * Braze creates unknown external ids unless told not to, and no alias unless told to.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/
 */
export function userMembers({ user, createUser }: Pick<Update, 'user' | 'createUser'>): string {
  if ('externalId' in user && createUser) return identifierMembers(user)
  return `${identifierMembers(user)},"_update_existing_only":${!createUser}`
}

/** An alias as Braze writes it. */
export function aliasObject(alias: { readonly name: string; readonly label: string }): {
  alias_name: string
  alias_label: string
} {
  return { alias_name: alias.name, alias_label: alias.label }
}
