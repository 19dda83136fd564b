import { SyncError } from '@engage-sync/core'
import type {
  CompiledSync,
  EventLog,
  Source,
  SourceConfig,
  StateStore,
  StreamSource,
} from '@engage-sync/core'
import { fromItsBeginning, refuseLeft, takeOverLog } from '../adapters/former-log.ts'
import { usedLog } from '../adapters/used-log.ts'
import type { UsedLog } from '../adapters/used-log.ts'
import { openLog, openSpool } from '../adapters/open-log.ts'
import { openSource } from '../adapters/open-source.ts'
import type { SourcePlace } from '../adapters/open-source.ts'
import { openWebhooks } from '../adapters/open-webhook.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { savedPositions } from '../engine/index.ts'
import { wantedKeys } from '../workspace/environment/sources.ts'
import { Log, newTally } from './front/index.ts'
import type { Inlet, SourceTally } from './front/index.ts'

/** What is kept of a source that cannot be read twice, for as long as the server lives. */
interface Kept {
  readonly events: EventLog
  readonly tally: SourceTally
  readonly log: Log
  /** Whether what a former log held was brought in, where the source is a webhook. */
  isTakenOver: boolean
}

/** The sources of one configuration. */
export interface OpenInlets {
  /** By the names the syncs use. */
  readonly sources: ReadonlyMap<string, Source>
  /** Webhooks by path. */
  readonly webhooks: ReadonlyMap<string, Inlet>
  /** Where standard input goes; null where nothing reads it. */
  readonly input: Log | null
  /** Where records wait until they are worked on, by source that goes on by itself. */
  readonly used: ReadonlyMap<string, UsedLog>
}

/** What sources are opened for. */
export interface InletOptions {
  readonly opened: OpenEnvironment
  /** Secrets resolved. */
  readonly configs: ReadonlyMap<string, SourceConfig>
  readonly syncs: readonly CompiledSync[]
  readonly store: StateStore
}

interface TakingOver extends Pick<InletOptions, 'opened' | 'store'> {
  /** Whether what waits in another log stays there, where it cannot be read. */
  readonly leavesLog: boolean
}

/**
 * What came in and was kept, over all configurations a server has had: a source whose configuration
 * changes goes on with the same log.
 */
export class Inlets {
  readonly #kept = new Map<string, Kept>()
  #used: ReadonlyMap<string, UsedLog> = new Map()

  get logs(): ReadonlyMap<string, Log> {
    return new Map([...this.#kept].map(([name, { log }]) => [name, log]))
  }

  get tallies(): ReadonlyMap<string, SourceTally> {
    return new Map([...this.#kept].map(([name, { tally }]) => [name, tally]))
  }

  /** Opens the sources of a configuration. @throws {SyncError} `SERVE_NOTHING` where none goes on */
  async open(options: InletOptions): Promise<OpenInlets> {
    const sources = new Map<string, Source>()
    for (const name of options.configs.keys()) sources.set(name, await this.#source(name, options))
    if (![...sources.values()].some(isStream)) throw nothingGoesOn(options)
    const webhooks = new Map<string, Inlet>()
    for (const webhook of await openWebhooks(options.configs)) {
      const kept = this.#kept.get(webhook.source)
      if (kept === undefined) continue
      for (const path of webhook.paths)
        webhooks.set(path, { webhook, log: kept.log, tally: kept.tally })
    }
    const input = [...options.configs].find(([, config]) => isInput(config))?.[0]
    this.#used = usedOf(options)
    return {
      sources,
      webhooks,
      used: this.#used,
      input: input === undefined ? null : (this.#kept.get(input)?.log ?? null),
    }
  }

  /**
   * Brings in what the logs before these still hold, once; how many records, by source. For who has
   * the lease: nobody else appends to them then.
   *
   * @throws {SyncError} `SERVE_LOG_CHANGED`, `SOURCE_…`
   */
  async takeOver(
    { opened, store, leavesLog }: TakingOver,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>> {
    const { environment, place } = opened
    const taken = new Map<string, number>()
    for (const [name, now] of this.#used)
      await refuseLeft({ name, now, store, leavesLog }, { takesIn: this.#kept.has(name) })
    for (const [name, kept] of this.#kept) {
      const kind = this.#used.get(name)?.kind
      if (kept.isTakenOver || kind === undefined) continue
      const { events } = kept
      const logPlace = { directory: place.directory, name }
      const of = { environment, place: logPlace, events, kind }
      const records = await takeOverLog({ ...of, store, signal })
      kept.isTakenOver = true
      if (records > 0) taken.set(name, records)
    }
    return taken
  }

  /** Looks what the logs hold: what is worked on is removed. */
  async look(): Promise<void> {
    for (const { log } of this.#kept.values()) await log.look()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.values()].map(({ events }) => events.close()))
  }

  async #source(name: string, options: InletOptions): Promise<Source> {
    const { opened, configs, syncs } = options
    const config = configs.get(name)
    if (config === undefined) throw new SyncError('INTERNAL', `No source named ${name}`)
    const keys = wantedKeys(syncs.filter(({ source }) => source === name))
    const place: SourcePlace = { ...opened.place, name, keys }
    if (!('webhook' in config) && !isInput(config)) {
      const source = await openSource(config, opened.environment, place)
      const used = usedLog(name, config, opened.environment)
      return used === null || !isStream(source) ? source : fromItsBeginning(source, used)
    }
    return (await this.#keep(place, config, options)).events
  }

  async #keep(place: SourcePlace, config: SourceConfig, options: InletOptions): Promise<Kept> {
    const { opened, store } = options
    const { name, directory } = place
    const { environment } = opened
    const isHere = isInput(config) || environment.serve.log === 'spool'
    const before = this.#kept.get(name)
    const events = before?.events ?? (await openKept(config, environment, place))
    const log = new Log({
      events,
      directory: isHere ? directory : null,
      maxBytes: environment.serve.maxLogBytes,
      committed: async () =>
        (await savedPositions(store, new Map([[name, events]]))).get(name) ?? null,
    })
    const isTakenOver = before?.isTakenOver ?? isInput(config)
    const kept = { events, log, tally: before?.tally ?? newTally(Date.now()), isTakenOver }
    this.#kept.set(name, kept)
    return kept
  }
}

async function openKept(
  config: SourceConfig,
  environment: OpenEnvironment['environment'],
  place: SourcePlace,
): Promise<EventLog> {
  if (isInput(config)) return await openSpool(place)
  const events = await openLog(environment, place)
  const used = usedLog(place.name, config, environment)
  return used === null ? events : fromItsBeginning(events, used)
}

function usedOf({ configs, opened }: InletOptions): ReadonlyMap<string, UsedLog> {
  return new Map(
    [...configs].flatMap(([name, config]) => {
      const used = usedLog(name, config, opened.environment)
      return used === null ? [] : [[name, used] as const]
    }),
  )
}

/** Whether a source goes on. */
export function isStream(source: Source): source is StreamSource {
  return 'follow' in source
}

function isInput(config: SourceConfig): boolean {
  return 'events' in config && [config.events].flat().includes('-')
}

function nothingGoesOn({ opened }: InletOptions): SyncError {
  const { name } = opened.environment
  return new SyncError('SERVE_NOTHING', `No source of environment ${name} goes on`, {
    hint: 'Add a source `webhook`, or follow a file or standard input with --follow.',
  })
}
