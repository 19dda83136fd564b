import { describe, expect, it } from 'vitest'
import { readWebhook } from '../../src/webhook/read.ts'

const event = {
  type: 'track',
  event: 'Audience Entered',
  userId: 'u_1',
  properties: { text: 'Zürich' },
}

describe('readWebhook', () => {
  it('gives the events of any wrapper, each as a record', () => {
    expect(readWebhook(Buffer.from(JSON.stringify([{ json: event }, event])))).toEqual({
      ok: true,
      records: [JSON.stringify(event), JSON.stringify(event)],
    })
    expect(readWebhook(Buffer.from('[]'))).toEqual({ ok: true, records: [] })
  })

  it('gives one event as it came, to its last digit, and on one line', () => {
    const text = '{"type":"identify","userId":12345678901234567890,"traits":{"a":1.5}}'
    expect(readWebhook(Buffer.from(text))).toEqual({ ok: true, records: [text] })
    expect(readWebhook(Buffer.from(text.replaceAll(',', ',\n')))).toEqual({
      ok: true,
      records: [text],
    })
    expect(readWebhook(Buffer.from('{"batch":[{"type":"track"},{"type":"page"}]}'))).toEqual({
      ok: true,
      records: ['{"type":"track"}', '{"type":"page"}'],
    })
  })

  it.each(['', '{', Buffer.from([0x22, 0xff, 0x22])])(
    'refuses what is no JSON in UTF-8',
    (body) => {
      expect(readWebhook(Buffer.from(body))).toMatchObject({
        ok: false,
        status: 400,
        code: 'WEBHOOK_NOT_JSON',
      })
    },
  )
})
