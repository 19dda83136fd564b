import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres } from '@engage-sync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

describe('the directory of the environments', () => {
  it('is kept out of git where only records are spooled into it, and the state is elsewhere', async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const { root } = makeProject({
      'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: 'http://127.0.0.1:9', api_key: '\${KEY}', cohorts: { partner: p, partner_api_key: '\${KEY}', data_import_key: '\${KEY}' } }
    sources: { engage: { events: '-' } }
    state: { url: '\${DATABASE_URL}' }
`,
    })

    await runCommand(['plan'], {
      cwd: root,
      env: { DATABASE_URL: server.url, KEY: 'key' },
      stdin: traitLine('u1', 'lifetime_value', 7),
    })

    expect(existsSync(join(root, '.engage-sync/local/spool'))).toBe(true)
    expect(readFileSync(join(root, '.engage-sync/.gitignore'), 'utf8')).toBe('*\n')
  })

  it.each([[['doctor']], [['plan']], [['run']], [['simulator']]])(
    'is told where it cannot be made: %s',
    async (argv) => {
      const { root } = makeProject({ '.engage-sync': 'a file' })

      const { code, out, err } = await runCommand(argv, { cwd: root })

      expect(code).toBe(9)
      expect(`${out}${err}`).toContain('A file stands where the directory should be')
      expect(`${out}${err}`).not.toMatch(/INTERNAL|\bat .*:\d+:\d+/)
    },
  )
})
