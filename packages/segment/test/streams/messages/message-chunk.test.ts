import { recordsOf } from '@engage-sync/testkit'
import { expect, it } from 'vitest'
import { MAX_RECORD_BYTES } from '../../../src/source/index.ts'
import { MessageChunk } from '../../../src/streams/messages/message-chunk.ts'

it('takes a record, several lines, or several in one, out of each message', () => {
  const chunk = new MessageChunk('stream X from message 1')
  chunk.add(Buffer.from('{"n":1}'))
  chunk.add(Buffer.from('{"n":2}\r\n\n{"n":3}\n'))
  chunk.add(Buffer.from('{"batch":[{"n":4},{"n":5}]}'))
  chunk.add(Buffer.from(''))

  const taken = chunk.take(7)

  expect(recordsOf(taken)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}', '{"n":5}'])
  expect(taken.position).toBe(7)
  expect(taken.rejected).toEqual([])
})

it('tells of a record that is too long, and goes on behind it', () => {
  const chunk = new MessageChunk('stream X from message 9')
  chunk.add(Buffer.from(`1\n"${'x'.repeat(MAX_RECORD_BYTES)}"\n2`))

  const taken = chunk.take(9)

  expect(recordsOf(taken)).toEqual(['1', '2'])
  expect(taken.rejected).toMatchObject([
    { code: 'RECORD_TOO_LONG', origin: 'stream X from message 9', record: 2 },
  ])
})
