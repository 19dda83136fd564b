import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Engine } from '../../src/engine/engine.ts'
import { allRules } from '../../src/options/rules.ts'
import { defaultSettings } from '../../src/options/settings.ts'
import type { Work } from '../../src/model/work.ts'

const pick = (...values: readonly string[]) => fc.constantFrom(...values)
const alias = fc.record({ alias_label: pick('l', 'm'), alias_name: pick('1', '2', '3') })
const externalId = pick('a', 'b', 'c')
const email = pick('x@y.co', 'Z@y.co')
const phone = pick('+1', '+2')
const contact = fc.record({ email: fc.option(email), phone: fc.option(phone), a: fc.nat(3) })
const prioritization = fc.subarray([
  'identified',
  'unidentified',
  'most_recently_updated',
  'least_recently_updated',
])
const identifier = fc.oneof(
  fc.record({ external_id: externalId }),
  fc.record({ user_alias: alias }),
  fc.record({ email, prioritization }),
  fc.record({ phone, prioritization }),
)
const object = fc.oneof(
  fc
    .tuple(fc.record({ external_id: externalId }), contact)
    .map(([who, what]) => ({ ...who, ...what })),
  fc
    .tuple(fc.record({ user_alias: alias }), contact)
    .map(([who, what]) => ({ ...who, ...what, _update_existing_only: false })),
  fc.record({ email, a: fc.nat(3) }),
  fc.record({
    external_id: externalId,
    push_tokens: fc.constant([{ app_id: 'a', token: 't', device_id: 'device-1' }]),
  }),
  fc.constant({
    push_token_import: true,
    push_tokens: [{ app_id: 'a', token: 't', device_id: 'device-1' }],
  }),
)
const work: fc.Arbitrary<Work> = fc.oneof(
  fc.array(object, { maxLength: 3 }).map((objects): Work => ({
    kind: 'track',
    attributes: objects.map((item, index) => [index, item]),
    events: [],
    purchases: [],
  })),
  fc
    .record({ external_id: fc.option(externalId), alias })
    .map(({ alias: pair, ...rest }): Work => ({
      kind: 'alias_new',
      body: { user_aliases: [{ ...rest, ...pair }] },
    })),
  fc
    .record({ external_id: externalId, user_alias: alias })
    .map((item): Work => ({ kind: 'identify', body: { aliases_to_identify: [item] } })),
  fc.tuple(identifier, identifier).map(([from, into]): Work => ({
    kind: 'merge',
    body: { merge_updates: [{ identifier_to_merge: from, identifier_to_keep: into }] },
  })),
  externalId.map((id): Work => ({ kind: 'delete', body: { external_ids: [id] } })),
  fc
    .record({ user_ids: fc.array(externalId, { maxLength: 2 }), should_remove: fc.boolean() })
    .map((change): Work => ({ kind: 'cohort_users', id: 'c', changes: [change] })),
)

it('finds every profile by all its identifiers, and by no others, whatever is done to them', () => {
  fc.assert(
    fc.property(fc.array(work, { maxLength: 25 }), (works) => {
      const settings = { ...defaultSettings(), applyDelayMs: 0 }
      const engine = new Engine({
        settings,
        rules: allRules(),
        seed: 1,
        now: () => 1_772_000_000_000,
      })
      works.forEach((one, index) => engine.accept(index, one))

      const { directory, cohorts } = engine.workspace
      for (const user of directory.users) {
        expect(directory.byBrazeId(user.brazeId)).toBe(user)
        if (user.externalId !== null) expect(directory.byExternalId(user.externalId)).toBe(user)
        for (const [label, name] of user.aliases)
          expect(directory.byAlias({ label, name })).toBe(user)
        for (const device of user.devices) expect(directory.byDevice(device)).toBe(user)
        for (const id of user.cohorts) expect(cohorts.get(id)!.members.has(user)).toBe(true)
      }
      for (const address of ['x@y.co', 'z@y.co'])
        expect(new Set(directory.byEmail(address))).toEqual(
          new Set([...directory.users].filter((user) => user.standard.get('email') === address)),
        )
      for (const number of ['+1', '+2'])
        expect(new Set(directory.byPhone(number))).toEqual(
          new Set([...directory.users].filter((user) => user.standard.get('phone') === number)),
        )
      for (const id of ['a', 'b', 'c'])
        expect([undefined, id]).toContain(directory.byExternalId(id)?.externalId)
      for (const { members } of cohorts.values())
        for (const user of members) expect(directory.users.has(user)).toBe(true)
    }),
    { numRuns: 300 },
  )
})
