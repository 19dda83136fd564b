import { spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BASE_ENV } from './live-program.ts'
import { PROGRAM } from './program.ts'
import { makeProject, traitLine } from './project.ts'
import { configDirectory, SHOP, tempDirectory } from './temp-directory.ts'

const [NODE, ...FLAGS] = PROGRAM

function run(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  return spawnSync(NODE, [...FLAGS, ...argv], {
    cwd,
    encoding: 'utf8',
    env: { ...BASE_ENV, ...env },
  })
}

describe('the process', () => {
  it('needs no environment variable to validate, and colours nothing in a pipe', () => {
    const { status, stdout, stderr } = run(['validate'], configDirectory({ 'shop.yaml': SHOP }))

    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('✓ No mistakes: 1 sync')
    expect(stdout).not.toContain('\u001B')
  })

  it('ends with the exit code of what it found', () => {
    const wrong = run(
      ['validate', '--format', 'json'],
      configDirectory({ 'shop.yaml': 'version: 1\n' }),
      { FORCE_COLOR: '1' },
    )
    const missing = run(['test'], tempDirectory({}))

    expect([wrong.status, JSON.parse(wrong.stdout).valid]).toEqual([2, false])
    expect([missing.status, missing.stdout]).toEqual([2, ''])
  })

  it('reads events from standard input', () => {
    const input = '{"type":"page"}'
    const { status, stdout } = spawnSync(NODE, [...FLAGS, 'debug', '--format', 'json'], {
      cwd: configDirectory({ 'shop.yaml': SHOP }),
      encoding: 'utf8',
      input,
    })

    expect(status).toBe(0)
    expect(JSON.parse(stdout).records).toHaveLength(1)
  })

  it('takes a reader that closes its end for no mistake', async () => {
    const child = spawn(NODE, [...FLAGS, 'schema'], {
      cwd: tempDirectory({}),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const errors: Buffer[] = []
    child.stderr.on('data', (part: Buffer) => errors.push(part))
    child.stdout.destroy()
    const status = await new Promise((resolve) => child.on('close', resolve))

    expect([status, Buffer.concat(errors).toString()]).toEqual([0, ''])
  })

  it.each([[['schema']], [['validate']], [['plan']], [['run']]])(
    'tells an output on a full disk: %s',
    (argv) => {
      const { root } = makeProject({ 'data/events.ndjson': traitLine('u1', 'lifetime_value', 7) })
      const full = openSync('/dev/full', 'w')
      const { status, stderr } = spawnSync(NODE, [...FLAGS, ...argv], {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
      })
      closeSync(full)

      expect(status).toBe(74)
      expect(stderr).toContain('error OUTPUT_UNWRITABLE')
      expect(stderr).not.toMatch(/^\s+at /m)
    },
  )

  it('stops a simulator that is interrupted', async () => {
    const child = spawn(NODE, [...FLAGS, 'simulator', '--memory'], {
      cwd: tempDirectory({}),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    child.kill('SIGINT')
    const status = await new Promise((resolve) => child.on('close', resolve))

    expect(status).toBe(0)
  })
})
