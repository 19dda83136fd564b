import type { PackedRequest, Update, UserRef } from '@engage-sync/contract'

/** An update with attributes, events, or both. */
export function update(
  ref: number,
  content: Partial<Pick<Update, 'user' | 'attributes' | 'createUser'>> & {
    readonly events?: number | readonly string[]
  },
): Update {
  const {
    user = { externalId: `user-${ref}` },
    attributes = null,
    createUser = true,
    events = 0,
  } = content
  const members =
    typeof events === 'number'
      ? Array.from({ length: events }, (_, index) => eventMembers(index))
      : events
  return {
    ref,
    user,
    attributes,
    attributeNames: attributes === null ? [] : Object.keys(JSON.parse(`{${attributes}}`) as object),
    events: members.map((text, index) => ({ ref: index, members: text })),
    memberships: [],
    createUser,
  }
}

export function eventMembers(number: number): string {
  return `"name":"Trait Computed","time":"2026-01-01T00:00:00.000Z","properties":{"number":${number}}`
}

/** The objects of a track body, in body order, as values. */
export function objectsIn(
  request: Pick<PackedRequest, 'body'>,
): readonly { readonly array: string; readonly object: Readonly<Record<string, unknown>> }[] {
  const body = JSON.parse(Buffer.from(request.body).toString('utf8')) as Readonly<
    Record<string, readonly Readonly<Record<string, unknown>>[]>
  >
  return Object.entries(body).flatMap(([array, objects]) =>
    objects.map((object) => ({ array, object })),
  )
}

/** A user as the text of its identifier in a body. */
export function userOf(object: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(object['external_id'] ?? object['user_alias'])
}

export function alias(name: string, label = 'anonymous'): UserRef {
  return { alias: { name, label } }
}
