import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../run-command.ts'
import { configDirectory, SHOP } from '../temp-directory.ts'

const OLD = `# Who bought what.
version: 0
source: engage
external_id: userId # as in the app
mappings:
  # What they are worth.
  - { trait: ltv, attribute: ltv }
`

describe('migrate', () => {
  it('rewrites what is old, keeps comments, and leads to a valid configuration', async () => {
    const cwd = configDirectory({ 'old.yaml': OLD, 'shop.yaml': SHOP.replaceAll('ltv', 'orders') })
    const { code, out } = await runCommand(['migrate'], { cwd })
    const text = readFileSync(join(cwd, 'configs/old.yaml'), 'utf8')

    expect(code).toBe(0)
    expect(out).toContain('✓ configs/old.yaml  from version 0\n    `mappings` became `traits`\n')
    for (const comment of ['# Who bought what.', '# as in the app', '# What they are worth.'])
      expect(text).toContain(comment)
    expect((await runCommand(['validate'], { cwd })).code).toBe(0)
    expect((await runCommand(['migrate'], { cwd })).out).toBe(
      'All files are of the present version.\n',
    )
  })

  it('only says what it would do with --check', async () => {
    const cwd = configDirectory({ 'old.yaml': OLD })
    const { code, out } = await runCommand(['migrate', '--check', '--format', 'json'], { cwd })

    expect(code).toBe(6)
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      written: false,
      files: [{ path: 'configs/old.yaml', from: 0 }],
    })
    expect(readFileSync(join(cwd, 'configs/old.yaml'), 'utf8')).toBe(OLD)
  })

  it('leaves alone what it cannot read, and what is newer', async () => {
    const { code, out } = await runCommand(['migrate'], {
      cwd: configDirectory({ 'new.yaml': 'version: 9\n', 'bad.yaml': 'version: 0\na: [\n' }),
    })

    expect(code).toBe(2)
    expect(out).toContain('CONFIG_VERSION_NEWER')
    expect(out).toContain('configs/bad.yaml:3:1  error  YAML_SYNTAX')
  })
})
