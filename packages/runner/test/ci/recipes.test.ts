import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { traitLine, makeProject } from '../project.ts'
import { runCommand } from '../run-command.ts'

const RECIPES = join(import.meta.dirname, '../../../../docs/recipes')
const read = (name: string) => readFileSync(join(RECIPES, name), 'utf8')

interface Pipeline {
  readonly [job: string]: { readonly script?: readonly string[] }
}

interface CronJob {
  readonly spec: {
    readonly concurrencyPolicy: string
    readonly jobTemplate: {
      readonly spec: {
        readonly template: {
          readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] }
        }
      }
    }
  }
}

interface StatefulSet {
  readonly spec: {
    readonly replicas: number
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number
        readonly containers: readonly {
          readonly args: readonly string[]
          readonly readinessProbe: { readonly httpGet: { readonly path: string } }
          readonly volumeMounts: readonly { readonly mountPath: string }[]
        }[]
      }
    }
  }
}

const DOCKER = read('Dockerfile').replaceAll('\\\n', ' ')
const instructions = (name: string) =>
  DOCKER.split('\n')
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1))

/** Every call of engage-sync in the recipes, as words. */
function calls(): readonly (readonly [string, readonly string[]])[] {
  const gitlab = Object.values(parse(read('gitlab-ci.yml')) as Pipeline).flatMap(
    ({ script = [] }) => script,
  )
  const cron = /&& (engage-sync run.*?) >>/.exec(read('engage-sync.cron'))![1]!
  const systemd = /^ExecStart=(.*)$/m.exec(read('engage-sync.service'))![1]!
  const { args } = (parse(read('cronjob.yaml')) as CronJob).spec.jobTemplate.spec.template.spec
    .containers[0]!
  const docker = JSON.parse(instructions('CMD')[0]!) as string[]
  const shell = (line: string) => line.replace(/ > .*/, '').split(' ').slice(1)
  return [
    ...gitlab.map((line) => ['gitlab-ci.yml', shell(line)] as const),
    ['engage-sync.cron', shell(cron)],
    ['engage-sync.service', shell(systemd)],
    ['cronjob.yaml', args],
    ['Dockerfile', docker],
  ]
}

describe('recipes of the server', () => {
  it('start it where it may write, and let it end in time', () => {
    const service = read('engage-sync-serve.service')
    const { spec } = parse(read('statefulset.yaml')) as StatefulSet
    const [container] = spec.template.spec.containers

    expect(/^ExecStart=engage-sync (.*)$/m.exec(service)?.[1]?.split(' ')).toEqual([
      'serve',
      '--env',
      'production',
      '--log-format',
      'json',
    ])
    expect(container?.args.slice(0, 3)).toEqual(['serve', '--env', 'production'])
    expect(spec.replicas).toBe(1)
    expect(container?.readinessProbe.httpGet.path).toBe('/readyz/front')
    expect(container?.volumeMounts[0]?.mountPath).toBe(/^ReadWritePaths=(.*)$/m.exec(service)?.[1])
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(service)?.[1])).toBeGreaterThan(13)
    expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(13 + 5)
  })
})

/** Replicas and arguments by role, as a recipe of several workers has them. */
interface Fleet {
  readonly [role: string]: { readonly replicas: number; readonly args: readonly string[] }
}

function composed(): Fleet {
  const { services } = parse(read('compose.yaml'), { merge: true }) as {
    readonly services: Readonly<
      Record<
        string,
        { readonly command?: string[]; readonly deploy?: { readonly replicas: number } }
      >
    >
  }
  return Object.fromEntries(
    Object.entries(services)
      .filter(([, { deploy }]) => deploy !== undefined)
      .map(([role, { command, deploy }]) => [
        role,
        { replicas: deploy!.replicas, args: command ?? [] },
      ]),
  )
}

function clustered(): Fleet {
  interface Deployment extends StatefulSet {
    readonly kind: string
    readonly metadata: { readonly name: string }
  }
  return Object.fromEntries(
    parseAllDocuments(read('fleet.yaml'))
      .map((document) => document.toJS() as Deployment)
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata, spec }) => [
        metadata.name.replace('engage-sync-', ''),
        { replicas: spec.replicas, args: spec.template.spec.containers[0]!.args },
      ]),
  )
}

describe('recipes of several workers', () => {
  it.each([
    ['compose.yaml', composed()],
    ['fleet.yaml', clustered()],
  ])('%s starts fronts and workers of one environment', (_, fleet) => {
    const args = (role: string) => [
      'serve',
      '--env',
      'production',
      '--role',
      role,
      '--listen',
      ':8080',
      '--log-format',
      'json',
    ]

    expect(fleet).toEqual({
      front: { replicas: 2, args: args('front') },
      worker: { replicas: 3, args: args('worker') },
    })
  })
})

describe('recipes', () => {
  it('are all told of in the page', () => {
    const page = readFileSync(join(RECIPES, '../ci.md'), 'utf8')

    expect(readdirSync(RECIPES).filter((name) => !page.includes(`recipes/${name}`))).toEqual([])
  })

  it('call engage-sync in the order of their pipelines, and it does what they ask', async () => {
    const { root } = makeProject({
      'configs/engage-sync.yaml':
        'version: 1\nenvironments:\n  production: { braze: { endpoint: simulator }, sources: { engage: { events: data/*.ndjson } } }\n',
      'data/a.ndjson': traitLine('u1', 'lifetime_value', 1),
    })
    await runCommand(['state', 'init', '--env', 'production'], { cwd: root })

    const ended: (readonly [string, string, number])[] = []
    for (const [recipe, words] of calls()) {
      const { code } = await runCommand(words, { cwd: root })
      ended.push([recipe, words.join(' '), code])
    }

    expect(ended).toHaveLength(9)
    expect(ended.filter(([, , code]) => code !== 0)).toEqual([])
  })

  it('run one at a time, as nobody but themselves', () => {
    const { spec } = parse(read('cronjob.yaml')) as CronJob

    expect(spec.concurrencyPolicy).toBe('Forbid')
    expect(read('gitlab-ci.yml').match(/resource_group: engage-sync-production/g)).toHaveLength(2)
    expect(read('engage-sync.service')).toContain('User=engage-sync')
  })

  it('build an image of exact versions that does not run as root', () => {
    expect(instructions('FROM')).toEqual([expect.stringMatching(/^node:24\.\d+-[\w-]+$/)])
    expect(instructions('RUN')[0]).toMatch(/--ignore-scripts .*@engage-sync\/runner@\d+\.\d+\.\d+/)
    expect(instructions('USER')).toEqual(['node'])
    expect(JSON.parse(instructions('ENTRYPOINT')[0]!)).toEqual(['engage-sync'])
  })

  it('build that image from a file a linter has nothing to say of', () => {
    const text = read('Dockerfile')
    const found = (dockerfile: string) =>
      validate(dockerfile).map(({ range, message }) => `${range.start.line + 1}: ${message}`)

    expect(found(text)).toEqual([])
    expect(found(text.replace('--chown', '--chwon'))).toEqual(['9: Unknown flag: chwon'])
  })
})
