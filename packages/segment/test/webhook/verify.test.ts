import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifyWebhook } from '../../src/webhook/verify.ts'

const secret = 'example-shared-secret'
const event = {
  type: 'track',
  event: 'Audience Entered',
  userId: 'u_1',
  properties: { text: 'Zürich' },
}
const sign = (text: string): string => createHmac('sha1', secret).update(text).digest('hex')
const request = (
  text: string,
  headers: Record<string, string> = {},
): { body: Uint8Array; headers: Record<string, string> } => ({
  body: Buffer.from(text),
  headers,
})
const header = { name: 'Authorization', value: 'Bearer example' }

describe('verifyWebhook', () => {
  it('takes a request whose whole body is signed', () => {
    const one = JSON.stringify(event)
    const batch = JSON.stringify([event, event])

    expect(
      verifyWebhook(request(one, { 'x-signature': sign(one) }), { sharedSecret: secret }),
    ).toEqual({ ok: true })
    expect(
      verifyWebhook(request(batch, { 'x-signature': sign(batch).toUpperCase() }), {
        sharedSecret: secret,
      }),
    ).toEqual({ ok: true })
  })

  it('takes a batch whose first event is signed only with a secret header beside it', () => {
    const body = JSON.stringify([event, { type: 'page' }])
    const signed = { 'x-signature': sign(JSON.stringify(event)) }

    expect(verifyWebhook(request(body, signed), { sharedSecret: secret })).toMatchObject({
      ok: false,
      status: 401,
      code: 'WEBHOOK_PARTLY_SIGNED',
    })
    expect(
      verifyWebhook(request(body, { ...signed, authorization: header.value }), {
        sharedSecret: secret,
        header,
      }),
    ).toEqual({ ok: true })
  })

  it.each([
    ['no signature', {}, 'WEBHOOK_UNSIGNED'],
    ['a signature of another form', { 'x-signature': 'sha256=1' }, 'WEBHOOK_UNSIGNED'],
    ['a wrong signature', { 'x-signature': '0'.repeat(40) }, 'WEBHOOK_BAD_SIGNATURE'],
  ])('refuses %s', (_, headers, code) => {
    expect(
      verifyWebhook(request(JSON.stringify(event), headers), { sharedSecret: secret }),
    ).toMatchObject({ ok: false, status: 401, code })
  })

  it.each(['', 'Bearer exampl', 'Bearer example ', 'bearer example'])(
    'refuses the header value "%s"',
    (value) => {
      const verdict = verifyWebhook(request('{}', { authorization: value }), { header })

      expect(verdict).toMatchObject({ ok: false, status: 401, code: 'WEBHOOK_BAD_HEADER' })
      expect(JSON.stringify(verdict)).not.toContain('example')
    },
  )

  it('refuses a body that is too large before anything else', () => {
    expect(
      verifyWebhook(request('x'.repeat(11)), { sharedSecret: secret, maxBytes: 10 }),
    ).toMatchObject({
      status: 413,
      code: 'WEBHOOK_TOO_LARGE',
    })
  })

  it('refuses any change of a signed body', () => {
    const body = Buffer.from(JSON.stringify(event))
    const signature = sign(JSON.stringify(event))

    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(body)
        changed[at] ^= flip
        expect(
          verifyWebhook(
            { body: changed, headers: { 'x-signature': signature } },
            { sharedSecret: secret },
          ).ok,
        ).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  it('takes everything only when that is said', () => {
    expect(verifyWebhook(request('whatever'), { unsigned: true })).toEqual({ ok: true })
  })

  it.each([
    ['nothing', {}],
    ['a secret that is not set', { sharedSecret: undefined }],
    ['an empty secret', { sharedSecret: '' }],
    ['a blank secret', { sharedSecret: ' ' }],
    ['an empty header value', { header: { name: 'authorization', value: '' } }],
    [
      'a header value that is not set',
      { header: { name: 'authorization', value: undefined as unknown as string } },
    ],
    ['a header without a name', { header: { name: '', value: 'x' } }],
    ['an empty secret beside a header', { sharedSecret: '', header }],
    [
      'an empty secret, though everything may be taken',
      { sharedSecret: '', unsigned: true as const },
    ],
  ])('throws for %s: a check without its secret lets everybody in', (_, rules) => {
    expect(() => verifyWebhook(request('{}', { 'x-signature': sign('{}') }), rules)).toThrow(
      expect.objectContaining({
        code: 'WEBHOOK_RULES',
        hint: expect.stringContaining('environment variable'),
      }),
    )
  })

  it('says that a parsed body cannot be checked', () => {
    const parsed = { body: event as unknown as Uint8Array, headers: {} }

    expect(() => verifyWebhook(parsed, { sharedSecret: secret })).toThrow(
      expect.objectContaining({
        code: 'WEBHOOK_BODY',
        hint: expect.stringContaining('express.raw'),
      }),
    )
  })

  it.each([
    ['capitals', (signature: string) => ({ 'X-Signature': signature })],
    ['a list', (signature: string) => ({ 'x-signature': [signature] })],
    ['a Headers object', (signature: string) => new Headers({ 'X-Signature': signature })],
  ])('reads headers given as %s', (_, headers) => {
    const body = JSON.stringify(event)

    expect(
      verifyWebhook(
        { body: Buffer.from(body), headers: headers(sign(body)) },
        { sharedSecret: secret },
      ),
    ).toEqual({ ok: true })
  })

  it('takes a batch of the extensible webhook, which signs the first event and sends it wrapped', () => {
    const body = JSON.stringify([{ json: event }, { json: event }])
    const headers = { 'x-signature': sign(JSON.stringify(event)), authorization: header.value }

    expect(verifyWebhook(request(body, headers), { sharedSecret: secret, header })).toEqual({
      ok: true,
    })
  })
})
