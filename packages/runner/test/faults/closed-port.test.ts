import { createServer } from 'node:net'
import type { Report } from '@engage-sync/core'
import { expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

/** A first contact is tried for half a minute. */
it('a port nobody listens on ends a run as failed, with the tries it made and told of', async () => {
  const { root } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: "http://127.0.0.1:${await closedPort()}", api_key: "\${KEY}" }
    sources: { engage: { events: data/*.ndjson } }
`,
    'configs/shoppers.yaml':
      'version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits: { a: a }\n',
    'data/a.ndjson': traitLine('ada', 'a', 1),
  })

  const { code, out, err } = await runCommand(['run', '--format', 'json'], {
    cwd: root,
    env: { KEY: 'any' },
  })

  expect(code).toBe(3)
  const report = JSON.parse(out) as Report
  expect(report).toMatchObject({ status: 'failed', error: { code: 'DESTINATION_UNAVAILABLE' } })
  expect(report.error?.message).toContain('ECONNREFUSED')
  expect(report.braze.requests).toBeGreaterThan(1)
  const told = err.match(/^Braze is not available \(ECONNREFUSED\): the next try is in \d.*s\.$/gm)
  expect(told).not.toBeNull()
}, 60_000)

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { readonly port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
