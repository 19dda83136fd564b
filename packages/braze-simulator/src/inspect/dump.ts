import type { Json, JsonObject } from '@engage-sync/contract'
import type { Engine } from '../engine/index.ts'
import { summaries } from '../model/index.ts'
import type { User } from '../model/index.ts'
import { canonicalText } from '../values/index.ts'

const PARTS: { readonly [Name: string]: (engine: Engine) => Json } = {
  users: ({ workspace }) => sorted([...workspace.directory.users].map(userOf)),
  cohorts: ({ workspace }) =>
    sorted(
      [...workspace.cohorts.values()].map(({ id, name, members }) => ({
        id,
        name,
        members: sorted([...members].map(identityOf)),
      })),
    ),
  attribute_types: ({ workspace }) => Object.fromEntries(workspace.types),
  ledger: ({ workspace }) => ({ ...workspace.points }),
  drops: ({ workspace }) => Object.fromEntries(workspace.drops.counts),
  requests: ({ requests }) => Object.fromEntries(requests.counts),
}

/** Parts given when none are named: what Braze would hold, not how it came there. */
const STATE_PARTS = ['users', 'cohorts', 'attribute_types']

/**
 * Everything as one text that does not depend on the order in which it came: equal states give
 * equal bytes.
 *
 * Shape: JSON with users, cohorts and keys sorted; no Braze ids, no clock but the times of events.
 *
 * @param names - of `users`, `cohorts`, `attribute_types`, `ledger`, `drops`, `requests`; empty for
 *   the first three
 */
export function dumpText(engine: Engine, names: readonly string[]): string {
  const wanted = names.length === 0 ? STATE_PARTS : names
  return canonicalText(
    Object.fromEntries(
      Object.entries(PARTS).flatMap(([name, part]) =>
        wanted.includes(name) ? [[name, part(engine)]] : [],
      ),
    ),
  )
}

function userOf(user: User): JsonObject {
  return {
    ...identityOf(user),
    attributes: Object.fromEntries(user.standard),
    custom_attributes: Object.fromEntries(user.custom),
    custom_events: summaries(user.events),
    purchases: summaries(user.purchases),
    cohorts: [...user.cohorts].toSorted(),
  }
}

function identityOf(user: User): JsonObject {
  return {
    external_id: user.externalId,
    user_aliases: [...user.aliases].toSorted().map(([label, name]) => `${label}:${name}`),
    contact:
      user.externalId === null && user.aliases.size === 0
        ? (user.standard.get('email') ?? user.standard.get('phone') ?? null)
        : null,
  }
}

function sorted(items: readonly Json[]): readonly Json[] {
  return items
    .map((item) => [canonicalText(item), item] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, item]) => item)
}
