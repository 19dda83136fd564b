import type { NormalisedIdentity } from '../../model/sync.ts'
import { splitDottedName } from '../../names/dotted-name.ts'
import type { IdentityConfig } from '../../schema/sync.ts'

/** Brings the `identity` section into its long form. */
export function normaliseIdentity(config: IdentityConfig = {}): NormalisedIdentity {
  const alias = config.alias
  return {
    externalId: externalIdRule(config.external_id ?? 'userId'),
    alias: alias
      ? { from: alias.from, label: alias.label, promote: alias.promote ?? 'identify' }
      : null,
    createUsers: config.create_users ?? true,
    lowerCase: config.lower_case ?? false,
    refuse: config.refuse ?? [],
  }
}

function externalIdRule(text: string): NormalisedIdentity['externalId'] {
  if (text.startsWith('externalIds.'))
    return { from: 'externalIds', type: text.slice('externalIds.'.length) }
  if (text.startsWith('traits.')) {
    const { name, path } = splitDottedName(text.slice('traits.'.length))
    return { from: 'traits', path: [name, ...path] }
  }
  return { from: text === 'email' ? 'email' : 'userId' }
}
