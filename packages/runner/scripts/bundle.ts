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
  /^(node:|pg$|pg-|@aws-sdk\/|@opentelemetry\/|got$|diff$|@engage-sync\/braze-simulator$)/
const BUILT = ['contract', 'core', 'segment', 'braze', 'runner'].map((name) =>
  join(PACKAGES, name, 'dist/.tsbuildinfo'),
)

const input = Object.fromEntries(
  Object.entries(ENTRIES).map(([name, path]) => [name, join(PACKAGES, path)]),
)
const bundle = await rolldown({ input, platform: 'node', external: (id) => LEFT_OUT.test(id) })
rmSync(BUNDLE, { recursive: true, force: true })
const { output } = await bundle.write({
  dir: BUNDLE,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
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
