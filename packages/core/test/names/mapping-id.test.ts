import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as ids from '../../src/names/mapping-id.ts'

const sync = fc.stringMatching(/^[\w.-]+$/)
const section = fc.constantFrom('traits', 'audiences', 'enrichment', 'segments')

describe('the id of a mapping', () => {
  // States hold these texts: another one would make every column a new one.
  it.each([
    ['shop:traits.ltv', { sync: 'shop', section: 'traits', key: 'ltv' }],
    ['my.shop-1:segments.a.b:c#d', { sync: 'my.shop-1', section: 'segments', key: 'a.b:c#d' }],
  ])('is %s', (id, place) => {
    expect(ids.mappingId(place)).toBe(id)
    expect(ids.readMappingId(id)).toEqual(place)
  })

  it('tells its place whatever its key holds', () => {
    fc.assert(
      fc.property(fc.record({ sync, section, key: fc.string() }), (place) => {
        expect(ids.readMappingId(ids.mappingId(place))).toEqual(place)
      }),
    )
  })
})

describe('the id of a slot', () => {
  it('is of its mapping, and moves with it', () => {
    const slot = ids.slotId('shop:traits.ltv', 'event')

    expect(slot).toBe('shop:traits.ltv#event')
    expect([ids.isSlotOf('shop:traits.ltv', slot), ids.isSlotOf('shop:traits.lt', slot)]).toEqual([
      true,
      false,
    ])
    expect(ids.movedSlot(slot, { from: 'shop:traits.ltv', to: 'shop:traits.value' })).toBe(
      'shop:traits.value#event',
    )
  })

  it.each([
    ['shop:traits.ltv#attribute=ltv', { name: 'ltv', element: null }],
    ['shop:audiences.vip#attribute=flags[vip]', { name: 'flags', element: 'vip' }],
    ['shop:traits.city#attribute=address.city', { name: 'address.city', element: null }],
  ])('names the attribute of %s', (text, target) => {
    const [id] = text.split('#')

    expect(ids.attributeSlotId(ids.slotId(id!, 'attribute'), target)).toBe(text)
    expect(ids.readAttributeSlot(text)).toEqual({ id, sync: 'shop', ...target })
  })

  it('names no attribute where it is another kind', () => {
    expect(ids.readAttributeSlot('shop:traits.ltv#event')).toBeNull()
  })

  it('names a cohort by the key it was made under', () => {
    expect(ids.cohortIdOf({ sync: 'shop', key: 'vip' })).toBe('engage-sync:shop:vip')
  })
})
