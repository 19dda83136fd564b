import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findBase } from '../../../../scripts/action/base.ts'
import { gitIn } from '../git.ts'

/** A repository with a merge of `head` into `base`, and a commit before both. */
function makeMerge() {
  const cwd = mkdtempSync(join(tmpdir(), 'engage-sync-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const git = gitIn(cwd)
  const commit = (message: string) => {
    git('commit', '--allow-empty', '-m', message)
    return git('rev-parse', 'HEAD')
  }
  git('init')
  const old = commit('old')
  git('checkout', '-b', 'work')
  const head = commit('work')
  git('checkout', '-b', 'trunk', old)
  const base = commit('base')
  git('merge', '--no-ff', '-m', 'merge', 'work')
  return { cwd, git, old, head, base }
}

const ENV = { PATH: process.env['PATH'] }

describe('the base of a pull request', () => {
  it('is the first parent of its merge, whatever the event says', () => {
    const { cwd, old, head, base } = makeMerge()

    expect(findBase('', { base: old, head }, { env: ENV, cwd })).toBe(base)
  })

  it('is the one of the event where something else is checked out', () => {
    const { cwd, git, old, head } = makeMerge()
    git('checkout', 'work')

    expect(findBase('', { base: old, head }, { env: ENV, cwd })).toBe(old)
  })

  it('is fetched where it is missing', () => {
    const { cwd: origin, git, base, head } = makeMerge()
    git('checkout', 'work')
    const cwd = join(origin, 'shallow')
    git('clone', '--depth=1', '--branch=work', `file://${origin}`, cwd)

    expect(findBase('', { base, head }, { env: ENV, cwd })).toBe(base)
  })

  it('is what the input names', () => {
    const { cwd, old, head, base } = makeMerge()
    const find = (named: string) => findBase(named, { base, head }, { env: ENV, cwd })

    expect(find('HEAD^1~1')).toBe(old)
    expect(find('none')).toBeNull()
    expect(find('no-such')).toBeNull()
  })

  it('is none where there is no git, or it does not know it', () => {
    const { cwd, git, head } = makeMerge()
    git('checkout', 'work')
    const unknown = { base: '0'.repeat(40), head }

    expect(findBase('', unknown, { env: ENV, cwd })).toBeNull()
    expect(findBase('', unknown, { env: ENV, cwd: tmpdir() })).toBeNull()
    expect(findBase('', { base: null, head: null }, { env: ENV, cwd })).toBeNull()
  })
})
