import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { originOf } from '../../../src/workspace/environment/origin.ts'
import { gitIn } from '../../git.ts'
import { tempDirectory } from '../../temp-directory.ts'

it('knows the commit of the repository a project is in, also below its root', () => {
  const root = tempDirectory({ 'configs/a.yaml': 'version: 1\n' })
  const git = gitIn(root)
  git('init')
  git('add', '.')
  git('commit', '-m', 'first')
  const below = join(root, 'projects/shop')
  mkdirSync(below, { recursive: true })

  const commit = git('rev-parse', 'HEAD').trim()
  expect([originOf({}, root).commit, originOf({}, below).commit]).toEqual([commit, commit])
  expect(originOf({ GITHUB_SHA: 'abc' }, root).commit).toBe('abc')
})

it('knows no commit where there is no repository, or none was made', () => {
  const root = tempDirectory({})
  expect(originOf({}, root).commit).toBeNull()
  gitIn(root)('init')
  expect(originOf({}, root).commit).toBeNull()
})
