import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LOCAL_TLS } from '@engage-sync/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PROGRAM } from '../program.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'

const paths: string[] = []
const server = createServer({ ...LOCAL_TLS }, (request, response) => {
  paths.push(request.url!)
  request.resume().on('end', () => {
    response.writeHead(201, { 'content-type': 'application/json' })
    response.end('{"message":"success"}')
  })
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => void server.close())

const projectOf = (port: number) => `version: 1
environments:
  production:
    braze:
      endpoint: https://127.0.0.1:${port}
      api_key: "\${KEY}"
      settle: 0s
      verify_after: 0s
      cohorts: { partner: acme, partner_api_key: "\${KEY}", data_import_key: "\${KEY}" }
    sources:
      engage: { events: data/*.ndjson }
`

/** Writes down which modules are loaded. */
const TRACE = `import { registerHooks } from 'node:module'
import { appendFileSync } from 'node:fs'
registerHooks({
  load(url, context, next) {
    if (!url.startsWith('node:')) appendFileSync(process.env.TRACE, url + '\\n')
    return next(url, context)
  },
})
`

/** A project before the https server, in which a command tells what it loaded. */
async function project(events: string, sync?: string) {
  const { port } = server.address() as AddressInfo
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': projectOf(port),
    'data/1.ndjson': events,
    ...(sync === undefined ? {} : { 'configs/shoppers.yaml': sync }),
    'trace.mjs': TRACE,
    'ca.pem': LOCAL_TLS.cert,
  })
  const trace = join(root, 'loaded')
  const env = {
    PATH: process.env['PATH'],
    KEY: 'k',
    TRACE: trace,
    NODE_EXTRA_CA_CERTS: join(root, 'ca.pem'),
  }
  const [node, ...flags] = PROGRAM
  const run = async (...argv: string[]): Promise<readonly string[]> => {
    write('loaded', '')
    paths.length = 0
    const args = ['--import', join(root, 'trace.mjs'), ...flags, ...argv, '--env', 'production']
    // What this Braze answers to other calls is no answer to them, and so `verify` fails.
    await promisify(execFile)(node, args, { cwd: root, env }).catch((error: unknown) => {
      if (argv[0] !== 'verify') throw error
    })
    return existsSync(trace) ? readFileSync(trace, 'utf8').split('\n') : []
  }
  await run('state', 'init')
  return run
}

const NO_COHORT = `version: 1
source: engage
identity: { external_id: userId }
traits:
  lifetime_value: { attribute: ltv, type: number, event: Trait Computed }
`
const isGot = (url: string) => /node_modules\/got\/|\/bundle\/got-/u.test(url)
const isHot = (url: string) => url.includes('http-transport')

it('sends track requests over TLS by the hot way, and loads no got for them', async () => {
  const run = await project(traitLine('u-1', 'lifetime_value', 7), NO_COHORT)

  const loaded = await run('run')

  expect(new Set(paths)).toEqual(new Set(['/users/track']))
  expect([loaded.some(isHot), loaded.some(isGot)]).toEqual([true, false])
})

it('sends cohort calls by the hot way, and loads got once another call is made', async () => {
  const run = await project(audienceLine('u-1', 'dormant_shopper', true))

  const loaded = await run('run')
  expect(paths).toContain('/partners/acme/cohorts/users')
  expect([loaded.some(isHot), loaded.some(isGot)]).toEqual([true, false])

  const others = await run('verify')
  expect(paths).toContain('/users/export/ids')
  expect(others.some(isGot)).toBe(true)
})
