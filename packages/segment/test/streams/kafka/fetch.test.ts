import { expect, it } from 'vitest'
import type { OpenTopic } from '../../../src/streams/kafka/client.ts'
import { hasGrown } from '../../../src/streams/kafka/fetch.ts'

const at = { offset: 7, time: 1000 }

it('notices that a topic has more partitions than are read', async () => {
  const partitions = [{ leader: 1 }, { leader: 2 }]
  const metadata = async () => ({ topics: new Map([['engage', { id: 'engage', partitions }]]) })
  const open = { consumer: { metadata }, topic: 'engage' } as unknown as OpenTopic

  expect(await hasGrown(open, new Map([[0, at]]))).toBe(true)
  expect(await hasGrown(open, new Map([0, 1].map((partition) => [partition, at])))).toBe(false)
})
