import type { ExportedProfile, ExportFields, UserRef } from '@engage-sync/contract'
import type { BrazeExportedUser } from '../api/index.ts'

/** Members that may be asked for by `fields_to_export`; every other attribute is a custom one. */
const EXPORT_MEMBERS = new Set(
  `apps attributed_campaign attributed_source attributed_adgroup attributed_ad push_subscribe email_subscribe country language dob email
  first_name last_name home_city gender phone time_zone random_bucket created_at uninstalled_at last_coordinates devices total_revenue`.split(
    /\s+/,
  ),
)

/** A profile of somebody Braze does not know. */
export const NOTHING_HELD: ExportedProfile = {
  users: [],
  attributes: new Map(),
  events: new Map(),
  others: [],
}

/** `fields_to_export` that has Braze tell of attributes and events, and whose they are. */
export function fieldsToExport({ attributes, events }: ExportFields): readonly string[] {
  const standard = attributes.filter((name) => EXPORT_MEMBERS.has(name))
  const hasCustom = standard.length < attributes.length
  return [
    'external_id',
    'user_aliases',
    ...standard,
    ...(hasCustom ? ['custom_attributes'] : []),
    ...(events ? ['custom_events'] : []),
  ]
}

/** Every identifier of an exported user that an update may name. */
export function usersOf({
  external_id: externalId,
  user_aliases: aliases = [],
}: BrazeExportedUser): readonly UserRef[] {
  const known = aliases.map(({ alias_name: name, alias_label: label }) => ({
    alias: { name, label },
  }))
  return externalId === undefined ? known : [...known, { externalId }]
}

/** What an exported user holds of what was asked for. */
export function profileOf(exported: BrazeExportedUser, fields: ExportFields): ExportedProfile {
  const attributes = new Map<string, unknown>()
  const custom = exported.custom_attributes ?? {}
  for (const name of fields.attributes) {
    const holder = EXPORT_MEMBERS.has(name) ? exported : custom
    if (Object.hasOwn(holder, name)) attributes.set(name, holder[name])
  }
  const events = (exported.custom_events ?? []).map(
    ({ name, count, first, last }) =>
      [name, { count, firstMs: Date.parse(first), lastMs: Date.parse(last) }] as const,
  )
  const others = Object.keys(custom).filter((name) => !attributes.has(name))
  return { users: usersOf(exported), attributes, events: new Map(events), others }
}
