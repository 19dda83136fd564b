/*
 * The command line and its threads as few files: a start reads a third of the modules.
 *
 * Our own packages are put in, and the small libraries every command needs, with their licences beside them. What the
 * bundle was made of is written down, so that the command (`bin/engage-sync.js`) passes by one that is older than what
 * was compiled since.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { rolldown } from 'rolldown'
import type { Plugin } from 'rolldown'

const PACKAGES = join(import.meta.dirname, '../..')
const BUNDLE = join(import.meta.dirname, '../dist/bundle')
/** Threads are started from a file beside the one that starts them. */
const ENTRIES = {
  bin: 'runner/dist/bin.js',
  'ahead-worker': 'segment/dist/decode/ahead/ahead-worker.js',
  'thread-worker': 'braze/dist/transport/thread-worker.js',
}
/** Loaded late, by what needs them alone; the simulator reads files of its own package. */
const LEFT_OUT =
  /^(node:(?!https?$)|pg$|pg-|@aws-sdk\/|@nats-io\/|@platformatic\/|@opentelemetry\/|diff$|@engage-sync\/braze-simulator$)/
/** Before the names of modules that are given as they stand. */
const AS_IT_STANDS = 'as-it-stands:'
const BUILT = ['contract', 'core', 'segment', 'braze', 'runner'].map((name) =>
  join(PACKAGES, name, 'dist/.tsbuildinfo'),
)

const input = Object.fromEntries(
  Object.entries(ENTRIES).map(([name, path]) => [name, join(PACKAGES, path)]),
)
const bundle = await rolldown({
  input,
  cwd: join(PACKAGES, 'runner'),
  platform: 'node',
  external: (id) => LEFT_OUT.test(id),
  plugins: [httpAsItStands()],
})
const groups = await layersOf()
rmSync(BUNDLE, { recursive: true, force: true })
const { output } = await bundle.write({
  dir: BUNDLE,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  comments: { legal: true, annotation: false, jsdoc: false },
  codeSplitting: { groups },
})
await bundle.close()

const madeOf = BUILT.map((path) => {
  const { size, mtimeMs } = statSync(path)
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex')
  return { path: relative(BUNDLE, path), size, mtimeMs, hash }
})
writeFileSync(join(BUNDLE, 'made-of.json'), JSON.stringify(madeOf))
writeFileSync(
  join(BUNDLE, 'LICENSES.txt'),
  licences(output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))),
)

/**
 * Gives Node's HTTP modules to those who import them without asking for all they name, one of which is a WebSocket
 * client: 50 ms of CPU in every process, for nothing.
 */
function httpAsItStands(): Plugin {
  return {
    name: 'http-as-it-stands',
    resolveId: (id) => (/^(node:)?https?$/.test(id) ? AS_IT_STANDS + id : null),
    load(id) {
      if (!id.startsWith(AS_IT_STANDS)) return null
      const name = id.slice(AS_IT_STANDS.length)
      const names = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name)))
        .filter(([, { get }]) => get === undefined)
        .map(([key]) => key)
      return `const all = process.getBuiltinModule('${name}')
export default all
export const { ${names.join(', ')} } = all`
    },
  }
}

/** One file of the bundle, and the modules that are in it. */
interface Layer {
  readonly name: string
  readonly test: (id: string) => boolean
  readonly priority: number
}

/**
 * What the most used commands load, in few files: what every start needs, what each beside it shares with `run`.
 * Left to itself, the bundler makes a file for each set of commands that share something, and `run` reads eighty.
 *
 * Shape: the first comes first; each holds what those before it do not.
 */
async function layersOf(): Promise<Layer[]> {
  const { output: alone } = await bundle.generate({ format: 'esm' })
  const chunks = new Map(
    alone.flatMap((chunk) => (chunk.type === 'chunk' ? [[chunk.fileName, chunk] as const] : [])),
  )
  const loadedBy = (module: string): Set<string> => {
    const entry = join(PACKAGES, module)
    const first = [...chunks.values()].find(({ facadeModuleId }) => facadeModuleId === entry)
    if (first === undefined) throw new Error(`No file of the bundle starts with ${module}`)
    const files = new Set([first.fileName])
    for (const file of files) for (const next of chunks.get(file)?.imports ?? []) files.add(next)
    const modules = [...files].flatMap((file) => chunks.get(file)?.moduleIds ?? [])
    return new Set(modules.filter((id) => id !== entry))
  }
  const [start, decoding, validate, plan, run] = [
    loadedBy(ENTRIES.bin),
    loadedBy(ENTRIES['ahead-worker']),
    loadedBy('runner/dist/commands/validate.js'),
    loadedBy('runner/dist/commands/plan.js'),
    loadedBy('runner/dist/commands/run.js'),
  ]
  const layers = Object.entries({
    values: validate.intersection(decoding),
    start,
    decoding,
    configuration: validate.intersection(run),
    plan: plan.intersection(run),
    run,
  }).map(([name, modules], at) => ({
    name,
    test: (id: string) => modules.has(id),
    priority: 10 - at,
  }))
  // What is loaded late has a name it is known by; what it shares with a server is no part of it.
  return [
    ...layers,
    { name: 'node-http', test: (id) => id.startsWith(AS_IT_STANDS), priority: 2 },
    { name: 'got', test: (id) => id.includes('/node_modules/got/'), priority: 1 },
  ]
}

/** The licences of the libraries that are put in. */
function licences(modules: readonly string[]): string {
  const found = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [])
  return [...new Set(found)].toSorted().map(licenceOf).join('\n\n')
}

function licenceOf(directory: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(directory, 'package.json'), 'utf8'),
  ) as Record<string, string>
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry))
  const text =
    file !== undefined && existsSync(join(directory, file))
      ? readFileSync(join(directory, file), 'utf8')
      : ''
  return `${name} ${version} (${license})\n\n${text.trim()}`
}
