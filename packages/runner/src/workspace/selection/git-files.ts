import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { SyncError, zip } from '@engage-sync/core'
import type { ConfigFile } from '@engage-sync/core'
import { isConfigFile } from '../configuration/config-files.ts'

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024
const TIMEOUT_MS = 30_000

/**
 * The YAML files a configuration directory and its sub-folders held at a git commit, under the
 * paths they have now.
 *
 * Shape: none when the directory did not exist there.
 *
 * @throws {SyncError} `SELECT_GIT` when git is missing, or does not know the commit
 */
export function readConfigFilesAt(
  ref: string,
  directory: string,
  cwd: string,
): readonly ConfigFile[] {
  const path = resolve(cwd, directory)
  const commit = resolveCommit(ref, path)
  const entries = git(['ls-tree', '-r', '-z', commit, './'], path).toString('utf8').split('\0')
  const blobs = entries
    .map((entry) => /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(entry))
    .filter((match) => match !== null)
  const files = blobs
    .map(([, id = '', name = '']) => ({ id, name }))
    .filter(({ name }) => isConfigFile(name))
  const texts = readBlobs(
    files.map(({ id }) => id),
    path,
  )
  return zip(files, texts).map(([{ name }, text]) => ({ path: join(directory, name), text }))
}

function resolveCommit(ref: string, path: string): string {
  try {
    return git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], path)
      .toString('utf8')
      .trim()
  } catch (error) {
    if (error instanceof SyncError) throw error
    throw new SyncError('SELECT_GIT', `git knows no commit "${ref}" here`, {
      hint: 'A shallow clone holds one commit only: fetch the other first, e.g. `git fetch origin main`, and name it `origin/main`.',
    })
  }
}

/** Contents of objects, by one process for all of them. */
function readBlobs(ids: readonly string[], path: string): readonly string[] {
  if (ids.length === 0) return []
  const output = git(['cat-file', '--batch'], path, ids.map((id) => `${id}\n`).join(''))
  const texts: string[] = []
  let at = 0
  for (const id of ids) {
    const headEnd = output.indexOf(10, at)
    const size = Number(output.toString('utf8', at, headEnd).slice(id.length).split(' ').at(-1))
    texts.push(output.toString('utf8', headEnd + 1, headEnd + 1 + size))
    at = headEnd + 1 + size + 1
  }
  return texts
}

function git(args: readonly string[], cwd: string, input?: string): Buffer {
  try {
    return execFileSync('git', args, {
      cwd,
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: TIMEOUT_MS,
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(input === undefined ? {} : { input }),
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new SyncError('SELECT_GIT', 'git is not installed', {
      hint: 'Select syncs by name or tag instead.',
    })
  }
}
