import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A project file whose environments need no secrets to be checked. */
export const PROJECT = `version: 1
environments:
  local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } }
`

/** A sync with a bit of everything. */
export const SHOP = `version: 1
source: engage
tags: [shop]
traits:
  ltv: { attribute: ltv, type: number, event: Trait Computed }
audiences:
  vip: { attribute: vip, cohort: VIPs }
segments:
  fans: { when: { all: [{ trait: ltv, more_than: 3 }, { audience: vip, equals: true }] }, cohort: Fans }
  gone: { when: { event: Trait Computed, less_than: 1, within_days: 30 }, attribute: gone }
`

/** A directory with these files, removed after the test. Returns its path. */
export function tempDirectory(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), 'engage-sync-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }))
  writeFiles(root, files)
  return root
}

/** Writes files below a directory. */
export function writeFiles(
  root: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
}

/** A configuration directory with the project file and these files beside it. */
export function configDirectory(files: Readonly<Record<string, string | Uint8Array>>): string {
  const named = Object.entries({ 'engage-sync.yaml': PROJECT, ...files }).map(([name, content]) => [
    `configs/${name}`,
    content,
  ])
  return tempDirectory(Object.fromEntries(named))
}

/** Makes a directory a git repository, or goes on in one, and commits all of it. */
export function commitAll(root: string): void {
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      [
        '-c',
        'user.name=test',
        '-c',
        'user.email=test@example.com',
        '-c',
        'init.defaultBranch=main',
        ...args,
      ],
      {
        cwd: root,
        stdio: 'ignore',
      },
    )
  git('init')
  git('add', '-A')
  git('commit', '--allow-empty', '-m', 'state')
}
