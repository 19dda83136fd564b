import { expect } from 'vitest'
import type { Spec } from './probe.ts'

const ONE = { attributes: [{ external_id: 'u', plan: 'gold' }] }
const RATE_HEADERS = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']
/** 500 milliseconds into a minute, an hour and a 3-second window. */
const HALF_SECOND = Date.UTC(2026, 2, 1, 9) + 500

/** Paths, keys, forms, sizes and rates: points 1 to 8. */
export const HTTP: readonly Spec[] = [
  {
    title: 'an unknown path is 404',
    rules: ['unknownPath'],
    check: async (probe) => {
      const seen = await probe.send('/users/tracks', ONE)
      expect([seen.status, seen.text]).toEqual([404, '{"message":"Not Found"}'])
    },
  },
  {
    title: 'a known path with another method is 404',
    rules: ['unknownPath'],
    check: async (probe) =>
      expect((await probe.send('/users/track', null, { method: 'GET' })).status).toBe(404),
  },
  {
    title: 'a trailing slash is 404',
    rules: ['trailingSlash'],
    check: async (probe) => expect((await probe.send('/users/track/', ONE)).status).toBe(404),
  },
  {
    title: 'a bad key is 401 and echoed',
    rules: ['apiKey'],
    check: async (probe) => {
      const seen = await probe.send('/users/track', ONE, { key: 'non-existent' })
      expect([seen.status, seen.text]).toEqual([401, '{"message":"Invalid API key: non-existent"}'])
    },
  },
  {
    title: 'no key is 401',
    rules: ['apiKey'],
    check: async (probe) =>
      expect((await probe.send('/users/track', ONE, { key: null })).status).toBe(401),
  },
  {
    title: 'the key is checked before path, form and size',
    rules: ['apiKeyFirst'],
    check: async (probe) => {
      const seen = [
        await probe.send('/nowhere', ONE, { key: 'bad' }),
        await probe.send('/users/track', ONE, { key: 'bad', contentType: 'text/plain' }),
      ]
      expect(seen.map(({ status }) => status)).toEqual([401, 401])
    },
  },
  {
    title: 'the rate-limit headers of a 401 are there, and empty',
    rules: ['emptyRateHeaders'],
    check: async (probe) => {
      const { headers } = await probe.send('/users/track', ONE, { key: 'bad' })
      expect(RATE_HEADERS.map((name) => headers.get(name))).toEqual(['', '', ''])
    },
  },
  {
    title: 'a key without the permission is 403',
    rules: ['permission'],
    options: { apiKeys: [{ key: 'simulator', permissions: ['users.delete'] }] },
    check: async (probe) => {
      const seen = await probe.send('/users/track', ONE)
      expect([seen.status, seen.text]).toEqual([403, '{"message":"Access Denied"}'])
    },
  },
  {
    title: 'a key without the permission can be 401',
    rules: ['permission'],
    options: {
      apiKeys: [{ key: 'simulator', permissions: ['users.delete'] }],
      settings: { missingPermission: '401' },
    },
    check: async (probe) => expect((await probe.send('/users/track', ONE)).status).toBe(401),
  },
  ...[null, 'text/plain', 'application/jsonp'].map((contentType): Spec => ({
    title: `content type ${String(contentType)} is 415`,
    rules: ['contentType'],
    check: async (probe) => {
      const seen = await probe.send('/users/track', ONE, { contentType })
      expect([seen.status, seen.text]).toEqual([415, '{"message":"Unsupported Media Type"}'])
    },
  })),
  {
    title: 'a body of 4 MB passes, one byte more is 413',
    rules: ['bodySize'],
    check: async (probe) => {
      const text = JSON.stringify(ONE)
      const full = text + ' '.repeat(4_194_304 - text.length)
      const seen = [
        await probe.send('/users/track', null, { raw: full }),
        await probe.send('/users/track', null, { raw: `${full} ` }),
      ]
      expect(seen.map(({ status }) => status)).toEqual([201, 413])
      expect(seen[1].text).toBe('{"message":"Request Entity Too Large"}')
    },
  },
  {
    title: 'a bulk body over 2 MB is 413',
    rules: ['bulkBodySize'],
    check: async (probe) => {
      const text = JSON.stringify(ONE)
      const full = text + ' '.repeat(2_097_152 - text.length)
      const statuses = []
      for (const raw of [full, `${full} `])
        statuses.push((await probe.send('/users/track/bulk', null, { raw })).status)
      expect(statuses).toEqual([201, 413])
    },
  },
  ...['{"attributes":', '[]', '"text"', ''].map((raw): Spec => ({
    title: `a body of ${JSON.stringify(raw)} is 400`,
    rules: ['jsonSyntax'],
    check: async (probe) => {
      const seen = await probe.send('/users/track', null, { raw })
      expect([seen.status, seen.text]).toEqual([400, '{"message":"Bad Request"}'])
    },
  })),
  {
    title: 'answers carry limit, remaining and reset as epoch seconds',
    rules: ['rateHeaders'],
    options: { now: () => HALF_SECOND },
    check: async (probe) => {
      const { headers } = await probe.send('/users/track', ONE)
      expect(RATE_HEADERS.map((name) => headers.get(name))).toEqual([
        '3000',
        '2999',
        String(HALF_SECOND / 1000 + 2.5),
      ])
    },
  },
  {
    title: 'reset can be seconds to wait',
    rules: ['rateHeaders'],
    options: { now: () => HALF_SECOND, settings: { rateHeaders: 'relative' } },
    check: async (probe) =>
      expect(
        (await probe.send('/users/delete', { external_ids: ['u'] })).headers.get(
          'x-ratelimit-reset',
        ),
      ).toBe('60'),
  },
  {
    title: 'refusals carry the rate-limit headers too',
    rules: ['rateHeaders'],
    check: async (probe) => {
      const seen = [
        await probe.send('/nowhere', ONE),
        await probe.send('/users/track', {}),
        await probe.send('/users/track', null, { raw: '{' }),
      ]
      expect(seen.map(({ status }) => status)).toEqual([404, 400, 400])
      for (const { headers } of seen)
        for (const name of RATE_HEADERS) expect(headers.get(name) ?? 'absent').toMatch(/^\d+$/)
    },
  },
  {
    title: 'a 429 says how long to wait, and carries none of the other headers',
    rules: ['rateLimit', 'rateHeaders'],
    options: { now: () => HALF_SECOND, settings: { trackLimit: 1 } },
    check: async (probe) => {
      await probe.send('/users/track', ONE)
      const seen = await probe.send('/users/track', ONE)
      expect([seen.status, seen.text]).toEqual([429, '{"message":"Rate limited"}'])
      expect(seen.headers.get('x-ratelimit-retry-after')).toBe('3')
      expect(RATE_HEADERS.map((name) => seen.headers.get(name))).toEqual([null, null, null])
    },
  },
  {
    title: 'a refused request writes nothing',
    rules: ['rateLimit'],
    options: { settings: { trackLimit: 1, trackWindowMs: 3_600_000 } },
    check: async (probe) => {
      await probe.write({ a: 1 }, { a: 2 })
      expect(await probe.custom()).toEqual({ a: 1 })
    },
  },
  windowSpec(),
  {
    title: 'groups of endpoints have limits of their own',
    rules: ['rateGroups'],
    options: { settings: { trackLimit: 1, listsLimit: 1, defaultLimit: 1 } },
    check: async (probe) => {
      const body = { external_ids: ['u'], fields_to_export: ['external_id'] }
      const seen = [
        await probe.send('/users/track', ONE),
        await probe.send('/users/export/ids', body),
        await probe.send('/events/list', null, { method: 'GET' }),
      ]
      expect(seen.map(({ status }) => status)).toEqual([201, 201, 200])
      expect(seen.map(({ headers }) => headers.get('x-ratelimit-limit'))).toEqual(['1', '250', '1'])
    },
  },
  {
    title: 'alias, identify, merge and delete share a limit',
    rules: ['rateLimit'],
    options: { settings: { usersLimit: 1, usersWindowMs: 3_600_000 } },
    check: async (probe) => {
      const paths = [
        '/users/alias/new',
        '/users/identify',
        '/users/merge',
        '/users/delete',
        '/users/alias/update',
      ]
      const statuses = []
      for (const path of paths) statuses.push((await probe.send(path, { user_aliases: [] })).status)
      expect(statuses).toEqual([201, 429, 429, 429, 429])
    },
  },
  {
    title: 'secrets are in no inspection',
    rules: ['redaction'],
    check: async (probe) => {
      await probe.partner('cohorts', {
        cohort_id: 'c',
        name: 'C',
        created_at: '2026-03-01T00:00:00Z',
        partner_api_key: 'canary',
        api_key: 'canary',
      })
      await probe.send(
        '/users/track?api_key=canary',
        { ...ONE, api_key: 'canary' },
        { key: 'canary' },
      )
      await probe.send('/users/track', { ...ONE, api_key: 'canary' })
      const shown = [
        await probe.look('requests'),
        await probe.look('requests/1'),
        await probe.look('requests/3'),
        await probe.look('drops'),
      ]
      expect(JSON.stringify(shown)).not.toContain('canary')
    },
  },
]

function windowSpec(): Spec {
  let now = HALF_SECOND
  return {
    title: 'windows start on the clock, not at the first request',
    rules: ['rateWindows'],
    options: { now: () => now, settings: { trackLimit: 1 } },
    check: async (probe) => {
      now = HALF_SECOND
      const statuses = []
      for (const at of [0, 1000, 2600]) {
        now = HALF_SECOND + at
        statuses.push((await probe.send('/users/track', ONE)).status)
      }
      expect(statuses).toEqual([201, 429, 201])
    },
  }
}
