import { spawnSync } from 'node:child_process'
import type { PullRequest } from './pull-request.ts'

type Env = Readonly<Record<string, string | undefined>>

/** A git that asks for a password, or a server that does not answer, holds up nobody. */
const PATIENCE_MS = 60_000

/**
 * The commit a pull request is compared with, or null where git does not have it.
 *
 * GitHub checks out what the pull request would be merged as: its first parent is the base at that moment, which the
 * event may be behind. Of another checkout, the base of the event is fetched where it is missing.
 *
 * @param named - what the input says: a commit, `none`, or nothing
 */
export function findBase(
  named: string,
  { base, head }: Pick<PullRequest, 'base' | 'head'>,
  { env: { INPUT_TOKEN: _token, ...env }, cwd }: { readonly env: Env; readonly cwd: string },
): string | null {
  const git = (...args: readonly string[]): string | null => {
    const { status, stdout } = spawnSync('git', args, {
      cwd,
      env: { ...env, GIT_TERMINAL_PROMPT: '0' },
      encoding: 'utf8',
      timeout: PATIENCE_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return status === 0 ? stdout.trim() : null
  }
  const commit = (ref: string) =>
    git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)
  if (named === 'none') return null
  if (named !== '') return commit(named)
  const merged = commit('HEAD^2')
  if (merged !== null && merged === head) return commit('HEAD^1')
  if (base === null) return null
  return (
    commit(base) ??
    (git('fetch', '--no-tags', '--depth=1', 'origin', base) === null ? null : commit(base))
  )
}
