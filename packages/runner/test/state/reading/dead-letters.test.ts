import type { Json } from '@engage-sync/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aboutUsers } from '../../../src/state/reading/dead-letters.ts'

const letter = (payload: Json, user?: string) => ({
  payload,
  subject: user === undefined ? null : { partition: 0, user, slot: '' },
})

describe('a letter is about a user', () => {
  it.each<[string, Json]>([
    ['as all that was refused', 'ada'],
    ['in a record', { source: 'engage', record: '{"userId":"ada","traits":{}}' }],
    [
      'in a record that is no JSON',
      { source: 'engage', record: 'x" {"userId" "ada' + '", traits' },
    ],
    ['in one of many records', { records: ['{"userId":"ben"}', '{"userId":"ada"}'] }],
    ['by the name of an alias', { record: '{"anonymousId":"a-1"}' }],
    ['by a name that needs escapes', { record: `{"userId":${JSON.stringify('say "hi"\\')}}` }],
  ])('%s', (_, payload) => {
    expect(aboutUsers(new Set(['ada', 'browser\u0000a-1', 'say "hi"\\']))(letter(payload))).toBe(
      true,
    )
  })

  it('whose subject the user is', () => {
    expect(aboutUsers(new Set(['ada']))(letter(null, 'ada'))).toBe(true)
  })

  it.each<[string, Json]>([
    ['a longer name', { record: '{"userId":"adam"}' }],
    ['a name in a text', { record: '{"note":"for ada"}' }],
    ['a text that is cut', { record: 'ada"' }],
  ])('not for %s', (_, payload) => {
    expect(aboutUsers(new Set(['ada']))(letter(payload, 'ben'))).toBe(false)
  })

  it('exactly where the name stands as JSON writes it, in any text', () => {
    const character = fc.constantFrom('a', 'b', '"', '\\', '\n', ':', 'é')
    const name = fc.string({ unit: character, minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
        fc.string({ unit: character, maxLength: 12 }),
        fc.boolean(),
        (names, text, isWritten) => {
          const record = isWritten ? text + JSON.stringify(names.at(-1)) + text : text
          const isNamed = names.some(
            (user) => record === user || record.includes(JSON.stringify(user)),
          )

          expect(aboutUsers(new Set(names))(letter({ record }))).toBe(isNamed)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
