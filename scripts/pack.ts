/*
 * The packages as they would be published, as tarballs in a directory: `dist/` here, or the first argument.
 *
 * Until they are on npm, all of them in one `npm install` are how to have the command in a project of your own: one alone
 * asks the registry for the others.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const target = resolve(process.argv[2] ?? join(ROOT, 'dist'))

mkdirSync(target, { recursive: true })
for (const name of readdirSync(target))
  if (/^engage-sync-.*\.tgz$/.test(name)) rmSync(join(target, name))
for (const name of readdirSync(join(ROOT, 'packages')).filter(isPublished))
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', target], {
    cwd: join(ROOT, 'packages', name),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
const made = readdirSync(target).filter((name) => name.endsWith('.tgz'))
process.stdout.write(`${made.length} packages in ${target}. In your project:\n\n`)
process.stdout.write(`  npm install ${join(target, 'engage-sync-*.tgz')}\n\n`)

function isPublished(name: string): boolean {
  const text = readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')
  return (JSON.parse(text) as { readonly private?: boolean }).private !== true
}
