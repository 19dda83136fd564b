/*
 * Has files that are formatted otherwise than Prettier would do it.
 *
 * oxfmt follows Prettier and reads everything in a second, where Prettier takes forty. The little it would write
 * otherwise, such as unions that fit on one line, is shown to Prettier, which decides.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const BIN = join(ROOT, 'node_modules/.bin')

const { status, stdout, stderr, error } = spawnSync(join(BIN, 'oxfmt'), ['--list-different', '.'], {
  cwd: ROOT,
  encoding: 'utf8',
})
// 1: there are differences. Anything else is a file it cannot read.
if (status !== 0 && status !== 1)
  throw new Error(`oxfmt could not check the format: ${stdout}${stderr}`, { cause: error })
const different = stdout.split('\n').filter((path) => path !== '')

if (different.length > 0) {
  const prettier = ['--check', '--log-level', 'warn', ...different]
  process.exitCode =
    spawnSync(join(BIN, 'prettier'), prettier, { cwd: ROOT, stdio: 'inherit' }).status ?? 1
}
