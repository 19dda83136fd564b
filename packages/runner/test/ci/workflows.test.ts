import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { workflowText } from '../../src/init/workflow.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const OWN = readdirSync(join(ROOT, '.github/workflows')).map((name) => `.github/workflows/${name}`)

/** Every file that names actions of others. */
const FILES: readonly (readonly [string, string])[] = [
  ...[...OWN, 'action.yml'].map((path) => [path, read(path)] as const),
  ['what init writes', workflowText('configs', '1.2.3')],
]

const uses = (text: string) =>
  [...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, what]) => what!)

describe('workflows', () => {
  it.each(FILES)('%s pins every action to a commit, and says its version', (_path, text) => {
    const ours = /^engage-sync\/engage-sync@v\d+\.\d+\.\d+$/
    const pinned = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/

    expect(uses(text).filter((one) => !ours.test(one) && !pinned.test(one))).toEqual([])
    expect(text.match(/\buses:/g) ?? []).toHaveLength(uses(text).length)
  })

  it.each(FILES)('%s is YAML, and gives one version of each action', (_path, text) => {
    expect(parse(text)).toBeTypeOf('object')
    const byAction = Map.groupBy(uses(text), (one) => one.split('@')[0]!)
    for (const found of byAction.values()) expect(new Set(found).size).toBe(1)
  })

  it('use the same commit of an action everywhere', () => {
    const byAction = Map.groupBy(
      FILES.flatMap(([, text]) => uses(text)),
      (one) => one.split('@')[0]!,
    )

    for (const found of byAction.values()) expect(new Set(found).size).toBe(1)
  })

  it('publish in a job that builds and tests nothing, with provenance and a list of what is inside', () => {
    const { jobs } = parse(read('.github/workflows/release.yml')) as {
      jobs: Record<string, { permissions?: Record<string, string>; steps: { run?: string }[] }>
    }
    const commands = (name: string) => jobs[name]!.steps.map(({ run = '' }) => run).join('\n')
    const trusted = Object.keys(jobs).filter(
      (name) => jobs[name]!.permissions?.['id-token'] === 'write',
    )

    expect(trusted).toEqual(['publish'])
    expect(commands('publish')).not.toMatch(/npm (?:ci|test|run)/)
    expect(commands('publish')).toContain('npm publish')
    expect(commands('build')).toContain('npm sbom')
    expect(read('.github/workflows/release.yml')).toContain('--provenance')
  })
})
