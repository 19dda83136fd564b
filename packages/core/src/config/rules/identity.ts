import { MAX_ALIAS_BYTES } from '../../braze/limits.ts'
import type { NormalisedIdentity } from '../../model/sync.ts'
import type { Rule } from './rule.ts'

const encoder = new TextEncoder()

/** The identifier that is asked for can exist, and Braze takes the label of the alias. */
export const checkIdentity: Rule = ({ syncs }) => {
  for (const { document, sync, config } of syncs) {
    if (isBlankSomewhere(sync.identity.externalId)) {
      document.report('IDENTITY_INVALID', document.rangeOf(['identity', 'external_id']), {
        message: `"${config.identity?.external_id}" has an empty part between its dots`,
        hint: 'E.g. `traits.customer.id`; write `\\.` for a dot that belongs to the name.',
      })
    }
    const label = sync.identity.alias?.label
    if (
      label === undefined ||
      (label.trim() !== '' && encoder.encode(label).length <= MAX_ALIAS_BYTES)
    )
      continue
    document.report('IDENTITY_INVALID', document.rangeOf(['identity', 'alias', 'label']), {
      message:
        label.trim() === ''
          ? 'the label of an alias cannot be blank'
          : `the label of an alias has at most ${MAX_ALIAS_BYTES} bytes`,
      hint: 'E.g. `segment_anonymous_id`.',
    })
  }
}

function isBlankSomewhere(rule: NormalisedIdentity['externalId']): boolean {
  if (rule.from === 'traits') return rule.path.some((part) => part.trim() === '')
  return rule.from === 'externalIds' && rule.type.trim() === ''
}
