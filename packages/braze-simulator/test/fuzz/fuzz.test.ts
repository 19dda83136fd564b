import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ENDPOINTS } from '../../src/endpoints/table.ts'
import { startSimulator } from '../../src/index.ts'
import { Probe } from '../spec/probe.ts'
import { fuzzServer } from './fuzz-server.ts'

const KEYS = (
  'attributes events purchases external_id user_alias alias_name alias_label braze_id email phone name time properties add remove inc ' +
  '$add $remove $update $time $identifier_key $identifier_value $new_object __proto__ constructor a b user_aliases alias_updates ' +
  'aliases_to_identify emails_to_identify merge_updates identifier_to_merge identifier_to_keep external_ids cohort_id cohort_changes ' +
  'user_ids device_ids aliases created_at prioritization subscription_groups push_tokens push_token_import country dob time_zone ' +
  '_merge_objects _update_existing_only'
).split(' ')
const leaf = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    '',
    'u',
    'a@b.co',
    '2026-03-01',
    '$time',
    '__proto__',
  ),
  fc.string({ maxLength: 5 }),
)
const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), {
    maxKeys: 6,
    noNullPrototype: false,
  }),
}))
const PATHS = [
  ...[...ENDPOINTS].flatMap(([path, { method }]) => (method === 'POST' ? [path] : [])),
  '/partners/simulator/cohorts',
  '/partners/simulator/cohorts/users',
]

it('answers whatever it is sent, and keeps its state whole', async () => {
  const simulator = await startSimulator({
    settings: {
      applyDelayMs: 0,
      trackLimit: 0,
      bulkLimit: 0,
      syncLimit: 0,
      usersLimit: 0,
      exportLimit: 0,
    },
  })
  const probe = new Probe(simulator)
  const secrets = { partner_api_key: 'simulator', client_secret: 'simulator' }

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PATHS),
      json.object,
      fc.array(json.object, { maxLength: 3 }),
      async (path, body, objects) => {
        const track = path.startsWith('/users/track')
          ? { attributes: objects, events: objects }
          : {}
        const seen = await probe.send(path, { ...(body as object), ...track, ...secrets })
        expect([201, 202, 400]).toContain(seen.status)
        expect(typeof seen.body.message).toBe('string')
      },
    ),
    { numRuns: 600 },
  )

  expect((await probe.look('drops')).counts).not.toHaveProperty('simulator_error')
  const { users } = JSON.parse(await (await fetch(`${simulator.url}/simulator/dump`)).text()) as {
    users: unknown[]
  }
  expect(users).toHaveLength((await probe.look('summary')).users as number)
  await simulator.close()
})

it('answers a body that is nested far too deep', async () => {
  const simulator = await startSimulator()
  const deep = `{"attributes":${'['.repeat(100_000)}${']'.repeat(100_000)}}`

  expect((await new Probe(simulator).send('/users/track', null, { raw: deep })).status).toBe(400)
  await simulator.close()
})

it('outlives bytes that are almost requests', async () => {
  const seen = await fuzzServer(20261129, 250)

  for (const status of [200, 201, 400, 401, 403, 404])
    expect([status, seen.get(status) ?? 0]).not.toEqual([status, 0])
})

it.each(['/partners/%zz/cohorts', '/partners/%/cohorts/users', '/simulator/users/%zz', '/%zz'])(
  'outlives a request to %s',
  async (path) => {
    const simulator = await startSimulator()

    const { status } = await new Probe(simulator).send(path, {
      partner_api_key: 'simulator',
      client_secret: 'simulator',
    })

    expect(status).toBeGreaterThan(399)
    expect((await new Probe(simulator).look('summary')).version).toBeGreaterThanOrEqual(0)
    await simulator.close()
  },
)
