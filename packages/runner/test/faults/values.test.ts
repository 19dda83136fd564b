import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Report } from '@engage-sync/core'
import { startSimulator } from '@engage-sync/braze-simulator'
import { describe, expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

/** A project before a simulator of its own, whose sync maps these traits. */
async function project(traits: string) {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  const environment = `braze: { endpoint: "${simulator.url}", api_key: "\${KEY}", settle: 0s, verify_after: 0s }`
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': `version: 1\nenvironments:\n  local:\n    ${environment}\n    sources: { engage: { events: data/*.ndjson } }\n`,
    'configs/shoppers.yaml': `version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits:\n${traits}\n`,
  })
  let files = 0
  return {
    async run(...lines: string[]): Promise<Report> {
      write(`data/${++files}.ndjson`, lines.join(''))
      const { out, err } = await runCommand(['run', '--format', 'json'], {
        cwd: root,
        env: { KEY: 'simulator' },
      })
      expect(err).toBe('')
      return JSON.parse(out) as Report
    },
    async sent(): Promise<unknown[]> {
      const get = async (path: string): Promise<unknown> =>
        (await fetch(`${simulator.url}/simulator/requests${path}`)).json()
      const { requests } = (await get('')) as { requests: { request: number }[] }
      const bodies: unknown[] = []
      for (const { request } of requests)
        bodies.push(((await get(`/${request}`)) as { body: unknown }).body)
      return bodies
    },
    async attributes(user: string) {
      await simulator.settle()
      const held = (await (await fetch(`${simulator.url}/simulator/users/${user}`)).json()) as {
        custom_attributes: unknown
      }
      return held.custom_attributes
    },
    [Symbol.asyncDispose]: () => simulator.close(),
  }
}

describe('values that once failed together or said nothing', () => {
  it('delivers more than 100 KB of one user, in one run', async () => {
    await using it = await project(
      '  a: { attribute: a, type: object }\n  b: { attribute: b, type: object }\n  tier: tier',
    )
    const large = Object.fromEntries(
      Array.from({ length: 300 }, (_, key) => [`k${key}`, 'x'.repeat(200)]),
    )

    const report = await it.run(
      traitLine('ada', 'a', large),
      traitLine('ada', 'b', large),
      traitLine('ada', 'tier', 'gold'),
    )

    expect(report.braze).toMatchObject({ rejected: 0, pending: 0 })
    expect(await it.attributes('ada')).toEqual({ a: large, b: large, tier: 'gold' })
  })

  it('delivers as many objects of one user as it takes, in one run', async () => {
    const keys = Array.from({ length: 7 }, (_, index) => `k${index}`)
    await using it = await project(
      keys.map((key) => `  ${key}: { attribute: ${key}, type: object }`).join('\n'),
    )
    const large = Object.fromEntries(
      Array.from({ length: 300 }, (_, key) => [`k${key}`, 'x'.repeat(200)]),
    )

    const report = await it.run(...keys.map((key) => traitLine('ada', key, large)))

    expect(report.braze).toMatchObject({ attributes: 7, rejected: 0, pending: 0 })
    expect(Object.keys((await it.attributes('ada')) as object)).toHaveLength(7)
  })

  it('drops every field of a user that is refused, one after the other, and sends the rest', async () => {
    const fields = ['email', 'email_subscribe', 'push_subscribe', 'current_location', 'phone']
    await using it = await project([...fields, 'tier'].map((key) => `  ${key}: ${key}`).join('\n'))

    const report = await it.run(
      ...fields.map((key) => traitLine('ada', key, 'no')),
      traitLine('ada', 'tier', 'gold'),
    )

    expect(report.braze).toMatchObject({ pending: 0 })
    expect(await it.attributes('ada')).toEqual({ tier: 'gold' })
  })

  it('sends nothing where a list came in another order, and the next change right', async () => {
    await using it = await project(
      '  tags: { attribute: tags, type: array, array: update }\n  cart: { attribute: cart, type: array, id: sku }',
    )
    const items = [
      { sku: 'a', n: 1 },
      { sku: 'b', n: 1 },
    ]
    await it.run(traitLine('ada', 'tags', ['x', 'y'], 1), traitLine('ada', 'cart', items, 1))

    const second = await it.run(
      traitLine('ada', 'tags', ['y', 'x', 'y'], 2),
      traitLine('ada', 'cart', items.toReversed(), 2),
    )
    const third = await it.run(traitLine('ada', 'tags', ['y', 'z'], 3))

    expect(second.braze).toMatchObject({ requests: 0, data_points: 0, pending: 0 })
    expect(third.braze).toMatchObject({ attributes: 1, pending: 0 })
    expect(await it.attributes('ada')).toMatchObject({ tags: ['y', 'z'], cart: items })
  })

  it('leaves null members out of what replaces, and takes objects for the same without them', async () => {
    await using it = await project('  prefs: prefs\n  list: { attribute: list, type: array }')
    await it.run(
      traitLine('ada', 'prefs', { size: 'L', color: null, shop: { id: 1, city: null } }, 1),
      traitLine('ada', 'list', [{ sku: 'a', n: null }], 1),
    )

    const second = await it.run(
      traitLine('ada', 'prefs', { size: 'L', shop: { id: 1 } }, 2),
      traitLine('ada', 'list', [{ sku: 'a', m: null }], 2),
    )

    expect(await it.sent()).toEqual([
      {
        attributes: [
          {
            external_id: 'ada',
            prefs: { size: 'L', shop: { id: 1 } },
            list: [{ sku: 'a' }],
          },
        ],
      },
    ])
    expect(second.values).toMatchObject({ changed: 0, unchanged: 2 })
  })

  it('unsets a path without losing the others', async () => {
    await using it = await project(
      '  size: { attribute: prefs.size }\n  color: { attribute: prefs.color }',
    )
    await it.run(traitLine('ada', 'size', 'M', 1), traitLine('ada', 'color', 'red', 1))

    const report = await it.run(
      traitLine('ada', 'size', 'L', 2),
      traitLine('ada', 'color', null, 2),
    )

    expect(report.braze).toMatchObject({ attributes: 2, pending: 0, rejected: 0 })
    expect(await it.attributes('ada')).toMatchObject({ prefs: { size: 'L' } })
  })
})

/** A project before a server that answers so. */
async function before(answer: (response: ServerResponse) => void) {
  const server = createServer(
    (request, response) => void request.resume().on('end', () => answer(response)),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { root } = makeProject({
    'configs/engage-sync.yaml': `version: 1\nenvironments:\n  local:\n    braze: { endpoint: "${url}", api_key: "\${KEY}", settle: 0s, verify_after: 0s }\n    sources: { engage: { events: data/*.ndjson } }\n`,
    'configs/shoppers.yaml':
      'version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits:\n  tier: tier\n',
    'data/1.ndjson': traitLine('ada', 'tier', 'gold') + traitLine('ben', 'tier', 'gold'),
  })
  const run = (...flags: string[]) =>
    runCommand(['run', ...flags], { cwd: root, env: { KEY: 'k' } })
  return { run, [Symbol.asyncDispose]: async () => void server.close() }
}

describe('a Braze that answers oddly', () => {
  it('is told of when it counts fewer objects than it was sent', async () => {
    await using it = await before((response) =>
      response.writeHead(201).end('{"attributes_processed":1,"message":"success"}'),
    )

    const { code, out } = await it.run('--format', 'json')

    expect(code).toBe(0)
    expect((JSON.parse(out) as Report).reasons).toContainEqual(
      expect.objectContaining({ code: 'DELIVERED_UNCOUNTED', count: 1 }),
    )
  })

  it.each([
    ['an empty success', 201, ''],
    ['HTML', 200, '<html>'],
    ['not found', 404, '{}'],
  ])('ends the run with exit 3, and nothing is refused: %s', async (_, status, body) => {
    await using it = await before((response) => response.writeHead(status).end(body))

    const { code, out, err } = await it.run('--format', 'json')

    expect(code).toBe(3)
    expect(err + out).toContain('BRAZE_ANSWER')
    expect((JSON.parse(out) as Report).braze).toMatchObject({ rejected: 0 })
  })
})
