import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PARTITIONS } from '@engage-sync/core'
import type { Json, StateStore } from '@engage-sync/core'
import { expect, it, onTestFinished } from 'vitest'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { nextDue } from '../../../src/state/values/due-values.ts'
import { readLater } from '../../../src/state/values/read-later.ts'
import { usedLogs } from '../../../src/state/values/used-logs.ts'
import type { StoredValue } from '../../../src/state/values/named-value.ts'
import * as values from '../../../src/state/values/values.ts'
import { tempDirectory } from '../../temp-directory.ts'

interface Stored {
  readonly key: string
  /**
   * The text as states hold it since format 1: what is written must stay the same, byte by byte.
   */
  readonly text: string
  read(store: StateStore): Promise<unknown>
  readonly means: unknown
  /** What writes the same again. */
  readonly again: StoredValue
}

const REGISTRY = [
  { number: 0, id: 'shop:traits.ltv#attribute=ltv', kind: 'slot' },
  { number: 1, id: 'shop:segments.fans#days:Viewed', kind: 'days' },
] as const
const SENDS = new Map([
  ['engage', { isWhole: true, ends: [120, 480] }],
  ['10', { isWhole: false, ends: [] }],
])
const DUE = Array.from({ length: PARTITIONS }, (_, at) => (at === 1 ? 1_767_225_600_000 : null))
const RECOVERED = { marks: 1, repeated: 2, skipped: 0, verified: 3 }

const USED = { kind: 'nats', place: 'stream ENGAGE', servers: ['nats.internal:4222'] } as const
const TYPES = { first: 'number', counts: { number: 12, string: 3 }, dropped: 2 } as const

const STORED: readonly Stored[] = [
  {
    key: 'types:ltv',
    text: '{"first":"number","counts":{"number":12,"string":3},"dropped":2}',
    read: (store) => values.deliveredTypes.readAll(store),
    means: new Map([['ltv', TYPES]]),
    again: values.deliveredTypes.stored('ltv', TYPES),
  },
  {
    key: 'log:engage',
    text: '{"kind":"nats","place":"stream ENGAGE","servers":["nats.internal:4222"]}',
    read: (store) => usedLogs.readAll(store),
    means: new Map([['engage', USED]]),
    again: usedLogs.stored('engage', USED),
  },
  {
    key: 'registry',
    text: '[{"number":0,"id":"shop:traits.ltv#attribute=ltv","kind":"slot"},{"number":1,"id":"shop:segments.fans#days:Viewed","kind":"days"}]',
    read: (store) => values.columnRegistry.read(store),
    means: REGISTRY,
    again: values.columnRegistry.stored(REGISTRY),
  },
  {
    key: 'sending',
    text: '{"10":{"isWhole":false,"ends":[]},"engage":{"isWhole":true,"ends":[120,480]}}',
    read: (store) => values.unconfirmedSends.read(store),
    means: SENDS,
    again: values.unconfirmedSends.stored(SENDS),
  },
  {
    key: 'due:1',
    text: '1767225600000',
    read: (store) => nextDue.read(store),
    means: DUE,
    again: nextDue.stored(1, 1_767_225_600_000),
  },
  {
    key: 'recovered',
    text: '{"marks":1,"repeated":2,"skipped":0,"verified":3}',
    read: (store) => values.unreportedRecovery.read(store),
    means: RECOVERED,
    again: values.unreportedRecovery.stored(RECOVERED),
  },
  {
    key: 'cohort:engage-sync:shop:vip',
    text: '"VIPs"',
    read: (store) => values.cohortNames.readAll(store),
    means: new Map([['engage-sync:shop:vip', 'VIPs']]),
    again: values.cohortNames.stored('engage-sync:shop:vip', 'VIPs'),
  },
  {
    key: 'cohort-id:shop:audiences.best',
    text: '"engage-sync:shop:vip"',
    read: (store) => values.keptCohortIds.readAll(store),
    means: new Map([['shop:audiences.best', 'engage-sync:shop:vip']]),
    again: values.keptCohortIds.stored('shop:audiences.best', 'engage-sync:shop:vip'),
  },
  {
    key: 'sync:shop',
    text: '{"identity.create_users":false,"source":"engage"}',
    read: (store) => values.optionsOfSyncs.readAll(store),
    means: new Map([['shop', { 'identity.create_users': false, source: 'engage' }]]),
    again: values.optionsOfSyncs.stored('shop', {
      'identity.create_users': false,
      source: 'engage',
    }),
  },
  {
    key: 'retired:7',
    text: 'true',
    read: (store) => values.unsetColumns.readAll(store),
    means: new Map([['7', true]]),
    again: values.unsetColumns.stored('7', true),
  },
  {
    key: 'purge-due',
    text: 'true',
    read: (store) => values.purgeDue.read(store),
    means: true,
    again: values.purgeDue.stored(true),
  },
  {
    key: 'times-set-back',
    text: 'true',
    read: (store) => values.timesSetBack.read(store),
    means: true,
    again: values.timesSetBack.stored(true),
  },
  {
    key: 'read-later',
    text: '1767225600000',
    read: (store) => readLater.read(store),
    means: 1_767_225_600_000,
    again: readLater.stored(1_767_225_600_000),
  },
  {
    key: 'unfinished-import',
    text: 'true',
    read: (store) => values.unfinishedImport.read(store),
    means: true,
    again: values.unfinishedImport.stored(true),
  },
]

async function openState() {
  const path = join(tempDirectory({}), 'state.sqlite')
  const identity = { environment: 'local', workspace: 'simulator', create: true }
  const store = openSqlite({ ...identity, path, now: Date.now })
  onTestFinished(() => store.close())
  const { epoch } = await store.acquireLease('the test', 60_000)
  const write = (value: StoredValue) => store.commit({ epoch, values: [value] })
  return { store, write, texts: () => textsIn(path) }
}

/** Every value as the file holds it. */
function textsIn(path: string): readonly (readonly [string, string])[] {
  const database = new DatabaseSync(path, { readOnly: true })
  const rows = database.prepare('SELECT key, value FROM "values"').all()
  database.close()
  return rows.map(({ key, value }) => [String(key), String(value)])
}

it.each(STORED)('reads $key as states hold it, and writes it the same', async (one) => {
  const { key, text, read, means, again } = one
  const { store, write, texts } = await openState()
  await write({ key, value: JSON.parse(text) as Json })

  expect(await read(store)).toEqual(means)

  await write({ key, value: null })
  await write(again)
  expect(texts()).toEqual([[key, text]])
})

it('reads which log is used as former versions wrote it', async () => {
  const { store, write } = await openState()
  await write({ key: 'log:engage', value: 'nats' })

  expect(await usedLogs.readAll(store)).toEqual(new Map([['engage', { kind: 'nats' }]]))
})

it.each(STORED)('refuses a $key that is something else', async ({ key, read }) => {
  const { store, write } = await openState()
  await write({ key, value: key.startsWith('due:') || key === 'read-later' ? 'soon' : 42 })

  await expect(read(store)).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
})

it('reads due times as states before format 3 hold them', async () => {
  const { store, write } = await openState()
  await write({ key: 'due', value: [null, 1_767_225_600_000, null] })

  expect(await nextDue.read(store)).toEqual(DUE)

  await write({ key: 'due', value: 42 })
  await expect(nextDue.read(store)).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
})

it('takes away what is empty, and what is cleared', async () => {
  const { write, texts } = await openState()
  await write(values.unconfirmedSends.stored(SENDS))
  await write(values.cohortNames.stored('vip', 'VIPs'))

  await write(values.unconfirmedSends.stored(new Map()))
  await write(values.cohortNames.cleared('vip'))

  expect(texts()).toEqual([])
})
