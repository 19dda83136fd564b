import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { loadConfig } from '@engage-sync/core'
import type { ConfigFile } from '@engage-sync/core'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/commands/table.ts'
import { EXIT } from '../../src/process/exit.ts'
import { anchorsOf, codeBlocks, linksOf, readPages, ROOT } from './markdown.ts'
import type { CodeBlock } from './markdown.ts'

const pages = readPages().filter(
  ({ path }) => !path.startsWith('.changeset/') && !path.endsWith('/CHANGELOG.md'),
)
const blocks = pages.flatMap(codeBlocks)

describe('links between pages', () => {
  it.each(pages.map((page) => [page.path, page] as const))('%s', (path, page) => {
    const broken = linksOf(page).filter(
      (target) =>
        (OURS.test(target) || !/^(https?|mailto):/.test(target)) && !leadsSomewhere(path, target),
    )

    expect(broken).toEqual([])
  })
})

describe('what no page holds', () => {
  it.each(pages.map((page) => [page.path, page.text] as const))('%s', (_, text) => {
    expect(text.match(/(?:^|[\s"'`(])\/(?:home|root|Users|work|tmp|mnt)\/\S*/gm) ?? []).toEqual([])
    expect(text.match(/TODO|FIXME|lorem ipsum/gi) ?? []).toEqual([])
  })
})

describe('YAML in the docs is valid', () => {
  it.each(ofLanguage('yaml', 'yml').filter(([, block]) => !isWorkflow(block)))(
    '%s',
    (_, { text }) => {
      const { diagnostics } = loadConfig(asDirectory(text))

      expect(
        diagnostics
          .filter(({ severity }) => severity === 'error')
          .map(({ code, message }) => `${code} ${message}`),
      ).toEqual([])
    },
  )
})

describe('JSON in the docs is valid', () => {
  it.each(ofLanguage('json'))('%s', (_, { text }) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow()
  })
})

describe('commands in the docs exist, with their options', () => {
  it.each(commandLines().map((line) => [`${line.place} ${line.text}`, line] as const))(
    '%s',
    async (_, { words }) => {
      const [name, ...rest] = words
      const entry = COMMANDS.find((command) => command.name === name)
      expect(entry?.name ?? 'no such command').toBe(name)
      const command = new Command(name)
        .option('--configs <dir>')
        .option('--env <name>')
        .option('--version')
        .option('--help')
      const spec = await entry!.load()
      spec.configure(command)
      const below = spec.subcommands?.find((one) => one.name === rest[0])
      if (below !== undefined) (await below.load()).configure(command.command(below.name))
      else expect(spec.subcommands ?? [], `a command below ${name}`).toEqual([])
      const known = new Set(
        [command, ...command.commands].flatMap(({ options }) =>
          options.flatMap(({ long, short }) => [long, short]),
        ),
      )

      const unknown = rest
        .filter((word) => /^--?\w/.test(word))
        .filter((word) => !known.has(word.split('=')[0]))

      expect(unknown).toEqual([])
    },
  )
})

describe('the table of exit codes', () => {
  it.each(['README.md', 'docs/on-call.md'])('of %s is the one of the code', (path) => {
    const { text } = pages.find((page) => page.path === path)!
    const codes = [...text.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code))

    expect(codes).toEqual(Object.values(EXIT))
  })
})

describe('scripts in the docs exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }

  it.each(pages.map((page) => [page.path, page] as const))('%s', (_, page) => {
    const named = [...page.text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name)

    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })
})

/** Files of this repository, named by their address. */
const OURS = /^https:\/\/github\.com\/engage-sync\/engage-sync\/(?:blob|tree|raw)\/main\//

function leadsSomewhere(from: string, target: string): boolean {
  const [file, anchor] = target.replace(OURS, '/').split('#')
  const base = file.startsWith('/') ? ROOT : join(ROOT, dirname(from))
  const path = file === '' ? join(ROOT, from) : join(base, decodeURIComponent(file))
  if (!existsSync(path) || relative(ROOT, path).startsWith('..')) return false
  if (anchor === undefined) return true
  return anchorsOf({ path, text: readFileSync(path, 'utf8') }).has(anchor)
}

function ofLanguage(...languages: readonly string[]): readonly (readonly [string, CodeBlock])[] {
  return blocks
    .filter(({ language }) => languages.includes(language))
    .map((block) => [block.place, block] as const)
}

/** Keys of an environment, in a fragment that shows only those. */
const OF_ENVIRONMENT = new Set(['braze', 'segment', 'sources', 'state', 'privacy'])
const OF_PROJECT = new Set(['environments', 'guards', 'dead_letters', 'privacy'])

/** The fragment inside the smallest directory that makes it whole. */
function asDirectory(text: string): readonly ConfigFile[] {
  const keys = [...text.matchAll(/^([\w-]+):/gm)].map(([, key]) => key)
  const indented = (by: number) => text.replaceAll(/^(?=.)/gm, ' '.repeat(by))
  const whole = keys.includes('version') ? text : `version: 1\n${text}`
  if (keys.includes('cases'))
    return [PROJECT, SYNC, { path: 'configs/shop.cases.yaml', text: whole }]
  if (keys.some((key) => OF_ENVIRONMENT.has(key)) && !keys.includes('environments')) {
    const braze = keys.includes('braze') ? '' : '    braze: { endpoint: simulator }\n'
    const sources = keys.includes('sources')
      ? ''
      : '    sources: { engage: { events: events.ndjson } }\n'
    return [
      {
        ...PROJECT,
        text: `version: 1\nenvironments:\n  local:\n${indented(4)}\n${braze}${sources}`,
      },
      RESTING_SYNC,
    ]
  }
  if (keys.some((key) => OF_PROJECT.has(key))) {
    const environments = keys.includes('environments')
      ? ''
      : PROJECT.text.slice(PROJECT.text.indexOf('environments'))
    return [{ ...PROJECT, text: `${whole}\n${environments}` }, SYNC]
  }
  const missing = Object.entries(SYNC_DEFAULTS).filter(([key]) => !keys.includes(key))
  return [PROJECT, { ...SYNC, text: `${whole}\n${missing.map(([, line]) => line).join('\n')}\n` }]
}

const PROJECT: ConfigFile = {
  path: 'configs/engage-sync.yaml',
  text: 'version: 1\nenvironments:\n  local:\n    braze: { endpoint: simulator }\n    sources: { engage: { events: events.ndjson }, people: { events: people.ndjson } }\n',
}
const SYNC_DEFAULTS = {
  source: 'source: engage',
  identity: 'identity: { external_id: userId }',
}
const SYNC: ConfigFile = {
  path: 'configs/shop.yaml',
  text: 'version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits: { tier: tier, ltv: { attribute: ltv, type: number, event: Trait Computed } }\naudiences: { vip: { attribute: vip } }\n',
}

/** For environments whose sources have names of their own. */
const RESTING_SYNC: ConfigFile = { ...SYNC, text: `${SYNC.text}enabled: false\n` }

/** A workflow of GitHub: its commands are checked, not its form. */
function isWorkflow({ text }: CodeBlock): boolean {
  return /^(jobs|services|steps):/m.test(text)
}

interface CommandLine {
  readonly place: string
  readonly text: string
  readonly words: readonly string[]
}

/** Every call of `engage-sync` in a shell block. */
function commandLines(): readonly CommandLine[] {
  return [
    ...ofLanguage('sh', 'bash', 'console'),
    ...ofLanguage('yaml').filter(([, block]) => isWorkflow(block)),
  ].flatMap(([place, { text }]) =>
    text
      .replaceAll('\\\n', ' ')
      .split(/\n|&&|\|\||\|/)
      .map((line) =>
        line
          .replace(/(?:^|\s)#.*$/, '')
          .replace(/^[\s-]*run: /, '')
          .trim(),
      )
      .map((line) => /^(?:\$ )?(?:npx )?engage-sync (.+)$/.exec(line)?.[1].trim() ?? '')
      .filter((line) => line !== '' && !line.startsWith('-'))
      .map((line) => ({ place, text: line, words: line.split(/\s+/) })),
  )
}
