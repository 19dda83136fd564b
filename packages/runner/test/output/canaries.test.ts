import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sampled } from '@engage-sync/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { forgottenBy } from './every-command.ts'

/** Secrets and personal data that no output may hold, whatever fails. */
const SECRETS = {
  BRAZE_API_KEY: 'canary-braze-key',
  BRAZE_PARTNER_API_KEY: 'canary-partner-key',
  BRAZE_DATA_IMPORT_KEY: 'canary-import-key',
  SEGMENT_PUBLIC_API_TOKEN: 'canary-public-token',
  SEGMENT_PROFILE_API_TOKEN: 'canary-profile-token',
  ALERT_SECRET: 'canary-alert-secret',
}
const USERS = ['canary-user-one', 'canary-user-two@people.test']
const VALUE = 'canary-value-worn-by-nobody'

/** A server that repeats all it is told, in whatever it answers. */
async function echoing(status: number): Promise<{ readonly url: string; heard(): string }> {
  let heard = ''
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const told = `${JSON.stringify(request.headers)} ${request.url} ${Buffer.concat(parts).toString()}`
      heard += told
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          message: told,
          errors: [{ type: told, input_array: 'attributes', index: 0 }],
          error: told,
        }),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard: () => heard }
}

function project(url: string): string {
  const events = USERS.flatMap((user, index) => [
    traitLine(user, 'last_product_viewed_item', VALUE, index),
    traitLine(user, 'lifetime_value', VALUE, index),
    traitLine(user, 'no_mapping_wants_this', VALUE, index),
  ])
  const { root } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    segment: { space_id: spa_1, public_api_token: '\${SEGMENT_PUBLIC_API_TOKEN}', profile_api_token: '\${SEGMENT_PROFILE_API_TOKEN}' }
    braze:
      endpoint: ${url}
      api_key: '\${BRAZE_API_KEY}'
      cohorts: { partner: p, partner_api_key: '\${BRAZE_PARTNER_API_KEY}', data_import_key: '\${BRAZE_DATA_IMPORT_KEY}' }
    sources: { engage: { events: data/*.ndjson } }
    notify: [{ webhook: '${url}', secret: '\${ALERT_SECRET}' }]
`,
    'data/events.ndjson': events.join(''),
    'one.ndjson': events.join(''),
  })
  return root
}

const REPORT = ['human', 'json', 'markdown', 'github']
const DATA = ['human', 'json']
const COMMANDS: readonly (readonly [words: string, formats: readonly string[]])[] = [
  ['validate', ['human', 'json', 'github', 'sarif', 'junit']],
  ['validate --online', DATA],
  ['plan', REPORT],
  ['plan --online', DATA],
  ['run', REPORT],
  ['run --resend', REPORT],
  ['retry --all', REPORT],
  ['doctor', DATA],
  ['debug one.ndjson', DATA],
  ['debug one.ndjson --send', DATA],
  ['dead-letters', DATA],
  ['history', DATA],
  ['history 1', DATA],
  ['verify', DATA],
  ['state show', DATA],
  ['state list', DATA],
  ['state show shoppers:traits.lifetime_value', DATA],
]
const PLAIN = [
  'report 1',
  'report --all',
  'catalog',
  'notify test',
  'notify check',
  'state check',
  'test',
  `explain ${USERS[0]}`,
  'init',
  'migrate',
  'schema',
  'completion bash',
  'state init',
  'state adopt --yes',
  'state export state.ndjson',
  'state import state.ndjson',
  'allow data_points',
  'state unlock --yes',
  'state rm shoppers:traits.lifetime_value --yes',
  `state forget ${USERS[0]} --yes`,
  'state reset --yes',
]

/** What reaches the server before it has refused enough. */
const EARLY = ['canary-braze-key', 'canary-public-token']

it.each([
  [400, [...EARLY, 'canary-partner-key', 'canary-import-key', VALUE]],
  ...sampled('refusals that repeat all', [401, 403, 404] as const, 1).map(
    (status) => [status, EARLY] as const,
  ),
] as const)(
  'no secret and nobody is in any output, where servers repeat all of it with %i',
  { timeout: 120_000 },
  async (status, travelling) => {
    const { url, heard } = await echoing(status)
    const cwd = project(url)
    const env = { ...SECRETS, ENGAGE_SYNC_PUBLIC_API_URL: url }
    const argvs = [
      ...COMMANDS.flatMap(([words, formats]) =>
        formats.map((format) => [...words.split(' '), '--format', format]),
      ),
      ...PLAIN.map((words) => words.split(' ')),
    ]
    expect(await forgottenBy(argvs)).toEqual([])
    const leaks: Record<string, readonly string[]> = {}
    let told = 0
    for (const argv of argvs) {
      const { out, err } = await runCommand(argv, { cwd, env })
      told += out.length + err.length
      const found = (`${out}${err}`.match(/canary-[\w@.-]+/g) ?? []).filter(
        (text) => !argv.includes(text),
      )
      if (found.length > 0) leaks[argv.join(' ')] = found
    }

    expect(leaks).toEqual({})
    // They were on their way, and much was told, so that nothing holds because nothing was there.
    for (const canary of travelling) expect(heard()).toContain(canary)
    expect(told).toBeGreaterThan(10_000)
  },
)
