import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { BASE_ENV } from './live-program.ts'
import { isFresh } from './program.ts'
import { makeProject, traitLine } from './project.ts'

const ROOT = join(import.meta.dirname, '../../..')
const BIN = 'packages/runner/bin/engage-sync.js'

/** The command of a checkout, with the files it loaded of it. */
function start(root: string, args: readonly string[], cwd = ROOT) {
  const trace = `import { registerHooks } from 'node:module'
registerHooks({ load: (url, context, next) => (process.stderr.write('loaded ' + url + '\\n'), next(url, context)) })`
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(trace)}`]
  const ended = spawnSync(process.execPath, [...flags, join(root, BIN), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...BASE_ENV, BRAZE_API_KEY: 'none' },
  })
  const lines = ended.stderr.split('\n')
  const loaded = lines.filter((line) => line.startsWith('loaded file:'))
  return {
    ...ended,
    loaded,
    builtIn: lines.filter((line) => line.startsWith('loaded node:')).map((line) => line.slice(7)),
    isBundled: loaded.some((line) => line.includes('/dist/bundle/')),
  }
}

/** What is in files that were loaded: modules of the runner as `room/file.js`, others by their package. */
function contents(loaded: readonly string[]): {
  readonly modules: string[]
  readonly bytes: number
} {
  const texts = loaded.map((line) => readFileSync(new URL(line.slice('loaded '.length)), 'utf8'))
  const regions = texts.flatMap((text) => [...text.matchAll(/^\/\/#region (?:\.\.\/)*(\S+)$/gm)])
  return {
    modules: regions.map(([, path = '']) => path.replace(/^dist\//, '')),
    bytes: texts.reduce((sum, text) => sum + text.length, 0),
  }
}

/** Parts that a run without any of them has no use for. */
const OF_OTHERS =
  /^((cases|catalog|debug|doctor|explain|init|library)\/|online\/check|output\/(html|inspection)\/|serve\/(server\.js|shift|watch)|state\/postgres\/open|.*node_modules\/(?!yaml|re2js|commander|picocolors|fast))/

/** A checkout with what was built of it, to be changed. */
function copyOfBuilt(): string {
  const root = mkdtempSync(join(tmpdir(), 'engage-sync-bundle-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  for (const name of ['core', 'segment', 'braze', 'runner']) {
    mkdirSync(join(root, 'packages', name), { recursive: true })
    for (const part of ['dist', 'package.json'])
      cpSync(join(ROOT, 'packages', name, part), join(root, 'packages', name, part), COPIED)
    const own = join(ROOT, 'packages', name, 'node_modules')
    if (existsSync(own)) symlinkSync(own, join(root, 'packages', name, 'node_modules'))
  }
  cpSync(join(ROOT, 'packages/runner/bin'), join(root, 'packages/runner/bin'), COPIED)
  return root
}

/** A project whose Braze is never asked. */
const AWAY = `version: 1
environments:
  local:
    sources: { engage: { events: data/*.ndjson } }
    braze: { endpoint: 'http://127.0.0.1:9', api_key: '\${BRAZE_API_KEY}' }
`
const ONE_TRAIT = `version: 1
source: engage
identity: { external_id: userId }
traits: { lifetime_value: lifetime_value }
`

const COPIED = { recursive: true, preserveTimestamps: true } as const

beforeAll(() => {
  // Other tests run it at the same time.
  if (isFresh()) return
  execFileSync(process.execPath, [join(ROOT, 'packages/runner/scripts/bundle.ts')], { cwd: ROOT })
})

describe('the bundled command', () => {
  it('is what runs, from a few files of ours', () => {
    const { status, stdout, loaded, isBundled } = start(ROOT, ['validate', '--configs', 'configs'])

    expect(status).toBe(0)
    expect(stdout).toContain('real time')
    expect(isBundled).toBe(true)
    expect(loaded.length).toBeLessThan(20)
    expect(contents(loaded).modules.filter((path) => OF_OTHERS.test(path))).toEqual([])
  })

  it('reads for a run what a run needs, and no HTTP client of others', () => {
    const { root } = makeProject({
      'configs/engage-sync.yaml': AWAY,
      'configs/shoppers.yaml': ONE_TRAIT,
      'data/a.ndjson': traitLine('u1', 'of_nobody', 12),
    })

    const { status, stderr, loaded, builtIn } = start(ROOT, ['run'], root)

    expect(status, stderr).toBe(0)
    const { modules, bytes } = contents(loaded)
    expect(loaded.length).toBeLessThan(20)
    expect(bytes).toBeLessThan(2_800_000)
    expect(modules).toContain('engine/run.js')
    expect(modules.filter((path) => OF_OTHERS.test(path))).toEqual([])
    // Named, it brings a WebSocket client, and 50 ms.
    expect(builtIn).not.toContain('node:http')
    expect(builtIn).not.toContain('node:https')
  })

  it('reads for its help the command line alone', () => {
    const { loaded } = start(ROOT, ['--help'])

    expect(loaded.length).toBeLessThan(7)
    expect(contents(loaded).bytes).toBeLessThan(150_000)
  })

  it('says what the compiled one says', () => {
    const root = copyOfBuilt()
    rmSync(join(root, 'packages/runner/dist/bundle'), { recursive: true })
    const args = ['validate', '--configs', join(ROOT, 'configs'), '--format', 'json']

    const compiled = start(root, args)

    expect(compiled.isBundled).toBe(false)
    expect(start(ROOT, args).stdout).toBe(compiled.stdout)
  })

  it('delivers, with its threads', () => {
    const { root } = makeProject({ 'data/a.ndjson': traitLine('u1', 'lifetime_value', 12) })

    const { status, stdout, isBundled, loaded, builtIn } = start(
      ROOT,
      ['run', '--format', 'json'],
      root,
    )

    expect(status, stdout).toBe(0)
    expect(isBundled).toBe(true)
    expect(contents(loaded).modules.filter((path) => OF_OTHERS.test(path))).toEqual([])
    expect(builtIn.filter((name) => /^https?$/.test(name.replace('node:', '')))).toEqual([])
    expect(JSON.parse(stdout)).toMatchObject({ status: 'done', braze: { attributes: 1 } })
  })

  it('is passed by when something was compiled since', () => {
    const root = copyOfBuilt()
    appendFileSync(join(root, 'packages/core/dist/.tsbuildinfo'), ' ')

    const { status, isBundled } = start(root, ['--help'])

    expect(status).toBe(0)
    expect(isBundled).toBe(false)
  })

  it('is as fresh with other times, as a cache or a copy leaves them', () => {
    const root = copyOfBuilt()
    utimesSync(join(root, 'packages/core/dist/.tsbuildinfo'), 1, 1)

    expect(start(root, ['--help']).isBundled).toBe(true)
  })

  it('runs where nothing tells what was compiled, as in the published package', () => {
    const root = copyOfBuilt()
    for (const name of ['core', 'segment', 'braze', 'runner'])
      rmSync(join(root, `packages/${name}/dist/.tsbuildinfo`))

    expect(start(root, ['--help']).isBundled).toBe(true)
  })

  it('is passed by when what it was made of is not written down', () => {
    const root = copyOfBuilt()
    rmSync(join(root, 'packages/runner/dist/bundle/made-of.json'))
    writeFileSync(join(root, 'packages/runner/dist/bundle/bin.js'), 'throw new Error("stale")')

    expect(start(root, ['--help'])).toMatchObject({ status: 0, isBundled: false })
  })

  it('has the licences of the libraries it holds', () => {
    const text = readFileSync(join(ROOT, 'packages/runner/dist/bundle/LICENSES.txt'), 'utf8')

    for (const name of ['yaml', 're2js', 'commander'])
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'))
    expect(text).toContain('Permission')
  })
})
