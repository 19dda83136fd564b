import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')

describe('a checkout that was never built', () => {
  it.each([
    ['packages/runner', 'engage-sync'],
    ['packages/braze-simulator', 'braze-simulator'],
  ])('says so when %s is started', (from, command) => {
    const directory = mkdtempSync(join(tmpdir(), 'engage-sync-unbuilt-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    cpSync(join(ROOT, from, 'bin'), join(directory, 'bin'), { recursive: true })
    cpSync(join(ROOT, from, 'package.json'), join(directory, 'package.json'))

    const { status, stderr } = spawnSync(
      process.execPath,
      [join(directory, 'bin', `${command}.js`)],
      { encoding: 'utf8' },
    )

    expect(status).toBe(2)
    expect(stderr).toBe(`${command} is not built in this checkout yet: npm run build\n`)
  })

  it('can load the demo, which builds what it needs', () => {
    const scripts = execFileSync('git', ['ls-files', 'scripts/*.ts'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
      .trim()
      .split('\n')

    const early = scripts.filter((path) =>
      /^import (?!type )[^;]*?from '@engage-sync\//m.test(readFileSync(join(ROOT, path), 'utf8')),
    )

    expect(scripts.length).toBeGreaterThan(1)
    expect(early).toEqual([])
  })
})
