import { afterEach, describe, expect, it } from 'vitest'
import { mappingChanges } from '../../src/plan/changes.ts'
import { encodeAbout } from '../../src/state/values/mapping-about.ts'
import { Bench, compile, NOW } from '../engine/harness.ts'

let bench: Bench
afterEach(() => bench.close())

const WORTHS = ['u1', 'u2', 'u3'].map((user, index) => ({
  user,
  at: NOW - 9,
  trait: 'worth',
  value: index + 1,
}))

/** A bench that ran with one configuration and has another now. */
async function changed(before: string, after: string): Promise<Bench> {
  bench = new Bench({ shop: before })
  bench.records = [...WORTHS, { user: 'u1', at: NOW - 8, trait: 'plan', value: 'pro' }]
  for (const { user } of WORTHS) bench.ledger.userOf(user)
  await bench.run()
  bench.syncs = compile({ shop: after })
  return bench
}

describe('the changes of a plan', () => {
  it('say of a renamed attribute its old and new name, and who keeps stale values of the old', async () => {
    await changed('traits: { worth: ltv }\n', 'traits: { worth: lifetime_value }\n')

    const changes = mappingChanges(await bench.plan())

    expect(changes).toMatchObject([
      { kind: 'orphaned', mapping: 'shop:traits.worth', attribute: 'ltv', stale_users: 3 },
      {
        kind: 'changed',
        mapping: 'shop:traits.worth',
        attribute: 'lifetime_value',
        recorded: true,
        options: [{ option: 'attribute', before: 'ltv', after: 'lifetime_value' }],
        users: 3,
        data_points: 3,
      },
    ])
  })

  it('go on saying so after the run, until it is retired', async () => {
    await changed('traits: { worth: ltv }\n', 'traits: { worth: lifetime_value }\n')
    await bench.run()
    const after = mappingChanges(await bench.plan())
    bench.syncs = compile({
      shop: 'traits: { worth: lifetime_value }\nretire: [{ attribute: ltv, by: unset }]\n',
    })
    const retiring = mappingChanges(await bench.plan())
    await bench.run()

    expect(after).toMatchObject([{ kind: 'orphaned', attribute: 'ltv', stale_users: 3 }])
    expect(retiring).toMatchObject([
      { kind: 'retired', attribute: 'ltv', users: 3, data_points: 3, stale_users: null },
    ])
    expect(mappingChanges(await bench.plan())).toEqual([])
  })

  it('say no word of an attribute that another mapping fills', async () => {
    await changed('traits: { worth: ltv }\n', 'traits: { value: ltv, worth: w }\n')

    expect(mappingChanges(await bench.plan()).map(({ kind }) => kind)).toEqual(['changed', 'added'])
  })

  it('say of a deleted mapping what stays, be it nothing that can be counted', async () => {
    await changed(
      'traits: { worth: ltv, plan: { event: Plan } }\n',
      'traits: { other: { attribute: other } }\n',
    )

    expect(mappingChanges(await bench.plan())).toMatchObject([
      { kind: 'orphaned', mapping: 'shop:traits.worth', attribute: 'ltv', stale_users: 3 },
      { kind: 'added', mapping: 'shop:traits.other', options: [{ option: 'attribute' }] },
      { kind: 'orphaned', mapping: 'shop:traits.plan', events: ['Plan'], stale_users: 0 },
    ])
  })

  it('say which members come and go with a filter, and how a cohort is called', async () => {
    const segment = (when: string, cohort: string) =>
      `segments: { rich: { when: { trait: worth, ${when} }, cohort: ${cohort} } }\n`
    await changed(segment('more_than: 1', 'Rich'), segment('more_than: 2', 'Very rich'))

    const [change] = mappingChanges(await bench.plan())

    expect(change).toMatchObject({
      kind: 'changed',
      cohort: 'Very rich',
      options: [
        { option: 'cohort', before: 'Rich', after: 'Very rich' },
        { option: 'when.worth.more_than', before: '1', after: '2' },
      ],
      joins: 0,
      leaves: 1,
      members: 2,
    })
  })

  it('say of a cohort that is named no more who stays in it', async () => {
    await changed(
      'segments: { rich: { when: { trait: worth, more_than: 1 }, attribute: rich, cohort: Rich } }\n',
      'segments: { rich: { when: { trait: worth, more_than: 1 }, attribute: rich } }\n',
    )

    expect(mappingChanges(await bench.plan())).toMatchObject([
      { kind: 'orphaned', mapping: 'shop:segments.rich', cohort: 'Rich', stale_users: 2 },
      { kind: 'changed', options: [{ option: 'cohort', before: 'Rich', after: null }] },
    ])
  })

  it('say of a moved mapping what it was', async () => {
    await changed(
      'traits: { worth: ltv }\n',
      'traits: { value: ltv }\nmoved: [{ from: traits.worth, to: traits.value }]\n',
    )

    expect(mappingChanges(await bench.plan())).toMatchObject([
      {
        kind: 'moved',
        mapping: 'shop:traits.value',
        moved_from: 'shop:traits.worth',
        options: [{ option: 'key', before: 'worth', after: 'value' }],
      },
    ])
  })

  it('say what they can of a record that kept no options', async () => {
    await changed('traits: { worth: ltv }\n', 'traits: { worth: { attribute: w, type: number } }\n')
    await bench.withStore(async (store) => {
      const lease = await store.acquireLease('test', 1000)
      const about = encodeAbout({ attribute: 'ltv', events: [], cohort: null, options: null })
      const mappings = (await store.mappings()).map((record) => ({ ...record, about }))
      await store.commit({ epoch: lease.epoch, mappings })
      await store.releaseLease(lease)
    })

    const changes = mappingChanges(await bench.plan())

    expect(changes.find(({ kind }) => kind === 'changed')).toMatchObject({
      recorded: false,
      options: [{ option: 'attribute', before: 'ltv', after: 'w' }],
    })
  })
})
