import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readConfigFiles } from '../../../src/workspace/configuration/config-files.ts'
import { tempDirectory } from '../../temp-directory.ts'

it('reads YAML in all sub-folders, also where links lead, and each folder once', () => {
  const files = [
    'configs/engage-sync.yaml',
    'configs/team/deep/er/a.yaml',
    'configs/team/zoo.YAML',
    'shared/b.yml',
    'configs/.git/c.yaml',
    'configs/node_modules/d/e.yaml',
    'configs/team/notes.txt',
  ]
  const root = tempDirectory(Object.fromEntries(files.map((path) => [path, path])))
  symlinkSync('../shared', join(root, 'configs/linked'))
  symlinkSync('../../shared/b.yml', join(root, 'configs/team/file.yaml'))
  symlinkSync('.', join(root, 'configs/circle'))
  symlinkSync('../team', join(root, 'configs/team/again'))

  expect(readConfigFiles('configs', root).map(({ path, text }) => [path, text])).toEqual([
    ['configs/engage-sync.yaml', 'configs/engage-sync.yaml'],
    ['configs/linked/b.yml', 'shared/b.yml'],
    ['configs/team/deep/er/a.yaml', 'configs/team/deep/er/a.yaml'],
    ['configs/team/file.yaml', 'shared/b.yml'],
    ['configs/team/zoo.YAML', 'configs/team/zoo.YAML'],
  ])
})
