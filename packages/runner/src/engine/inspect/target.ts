import type { AttributeEncoding, Encoding } from '@engage-sync/core'

/** What an encoding fills in Braze, by name: attribute, event names, cohort or subscription group. */
export function targetOf(encoding: Encoding): string {
  switch (encoding.kind) {
    case 'attribute':
      return attributeText(encoding)
    case 'event':
      return encoding.names.join(', ')
    case 'cohort':
      return encoding.name
    case 'subscription':
      return encoding.groupId
  }
}

function attributeText({ name, path, element }: AttributeEncoding): string {
  return [name, ...path].join('.') + (element === null ? '' : `[${element}]`)
}
