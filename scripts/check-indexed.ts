/*
 * Has types say that an element may be missing (`noUncheckedIndexedAccess`) in the packages that have folders where
 * they do not.
 *
 * Those folders read bytes and typed arrays by numbers that their own loops keep in bounds, for every record: there, a
 * check at each access is paid a million times a run. A compiler's option holds for a whole project, so it is off in
 * these, and this reports what it would say of everything else. All other packages have it on.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/** Folders that may take elements for granted, by package. */
const HOT = {
  core: ['src/rows/', 'src/fold/'],
  segment: ['src/decode/'],
}

const errors = Object.entries(HOT).flatMap(([name, folders]) => errorsOf(name, folders))
for (const error of errors) process.stderr.write(`${error}\n`)
process.exitCode = errors.length === 0 ? 0 : 1

/** What the compiler says of a package with the option on, but for some folders. */
function errorsOf(name: string, folders: readonly string[]): readonly string[] {
  const project = join('packages', name)
  const { stdout, status } = spawnSync(
    join(ROOT, 'node_modules/.bin/tsc'),
    [
      ['-p', project, '--pretty', 'false', '--noUncheckedIndexedAccess', 'true'],
      ['--noEmit', '--composite', 'false', '--incremental', 'false'],
    ].flat(),
    { cwd: ROOT, encoding: 'utf8' },
  )
  const told = stdout.split(/\n(?! )/).filter((error) => error !== '')
  if (status !== 0 && !told.some((error) => error.startsWith(project)))
    return [`The compiler could not check ${project}: ${stdout}`]
  const hot = folders.map((folder) => join(project, folder))
  return told.filter((error) => !hot.some((folder) => error.startsWith(folder)))
}
