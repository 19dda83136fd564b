import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { guarded } from '../../state/sqlite/errors.ts'

/** Where everything of this project's environments is kept on a machine, beside the configuration. */
const HOME = '.engage-sync'

/** The directory of an environment: state, spool and simulator. */
export function environmentDirectory(root: string, environment: string): string {
  return join(root, HOME, environment)
}

/**
 * The directory of all environments holds user ids: a file in it keeps it out of every commit.
 *
 * @throws {StateError} `STATE_READ_ONLY`, `STATE_FULL`
 */
export function keepOutOfGit(root: string): void {
  const home = join(root, HOME)
  guarded(home, () => {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    if (!existsSync(join(home, '.gitignore'))) writeFileSync(join(home, '.gitignore'), '*\n')
  })
}
