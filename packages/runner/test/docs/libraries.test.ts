import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe('the libraries', () => {
  it('work in a program of somebody else', async () => {
    const script = join(root, 'scripts/try-libraries.mjs')

    const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: root })

    expect(stdout).toContain(`work on Node ${process.version}`)
  })

  it('are tried in CI on the oldest Node that each of them names', () => {
    const matrix = /node: \['([\d.]+)',.*try-libraries/s.exec(read('.github/workflows/ci.yml'))

    for (const name of ['contract', 'core', 'segment', 'braze', 'braze-simulator']) {
      const { engines } = JSON.parse(read(`packages/${name}/package.json`)) as {
        readonly engines: { readonly node: string }
      }
      expect(`${engines.node}.0`).toBe(`>=${matrix?.[1]}`)
    }
  })
})
