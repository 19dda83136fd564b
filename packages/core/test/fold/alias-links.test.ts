import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AliasLinks, AliasOwners } from '../../src/index.ts'

const alias = { low: 7, high: 70 }
const user = (low: number, time = 1) => ({ low, high: 1, time })

/** The partition of the alias's user, and how many aliases came with several. */
function ownerOf(note: (links: AliasLinks) => void): readonly [owner: number, shared: number] {
  const links = new AliasLinks()
  const owners = new AliasOwners()
  note(links)
  const shared = links.addTo(owners)
  return [owners.find(alias.low, alias.high), shared]
}

describe('AliasLinks', () => {
  it.each<[string, (links: AliasLinks) => void, number]>([
    ['named with a user, without any row', (links) => links.link(alias, user(65)), -1],
    ['named alone, of no user', (links) => links.name(alias), -1],
    [
      'named with a user, and alone',
      (links) => (links.link(alias, user(65)), links.name(alias)),
      1,
    ],
    [
      'named with a user, with a row in the state',
      (links) => (links.link(alias, user(65)), links.hold(alias, null)),
      1,
    ],
    ['promoted before, and named alone', (links) => (links.name(alias), links.hold(alias, 66)), 2],
    [
      'promoted before, and named with another',
      (links) => (links.link(alias, user(65)), links.hold(alias, 66)),
      -1,
    ],
    [
      'promoted before, and named alone and with another',
      (links) => (links.name(alias), links.link(alias, user(65)), links.hold(alias, 66)),
      2,
    ],
    ['in the state, and not in the records', (links) => links.hold(alias, 66), -1],
  ])('says whose an alias is that is %s', (_, note, owner) => {
    expect(ownerOf(note)).toEqual([owner, 0])
  })

  it('gives an alias of several users to the first in time, whatever the order', () => {
    const users = fc.array(
      fc.record({
        low: fc.integer({ min: 0, max: 200 }),
        high: fc.constant(1),
        time: fc.integer({ min: 0, max: 3 }),
      }),
      {
        minLength: 1,
      },
    )
    fc.assert(
      fc.property(users, (given) => {
        const note = (order: typeof given) => (links: AliasLinks) => {
          links.name(alias)
          for (const one of order) links.link(alias, one)
        }

        const [owner, shared] = ownerOf(note(given))

        const first = Math.min(...given.map(({ time }) => time))
        expect(ownerOf(note(given.toReversed()))).toEqual([owner, shared])
        expect(given.filter(({ time }) => time === first).map(({ low }) => low & 63)).toContain(
          owner,
        )
        expect(shared).toBe(new Set(given.map(({ low }) => low)).size > 1 ? 1 : 0)
      }),
    )
  })

  it('tells more aliases apart than it had room for at first', () => {
    const links = new AliasLinks()
    const owners = new AliasOwners()
    for (let number = 0; number < 1000; number++) {
      links.link({ low: number, high: number }, user(number))
      links.name({ low: number, high: number })
    }

    links.addTo(owners)

    expect(Array.from({ length: 1000 }, (_, number) => owners.find(number, number))).toEqual(
      Array.from({ length: 1000 }, (_, number) => number & 63),
    )
  })
})
