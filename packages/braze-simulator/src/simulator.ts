import { Engine, createRandom, seedUsers } from './engine/index.ts'
import { createHttpServer, hostNamesOf, listen } from './http/index.ts'
import type { ServerContext } from './http/index.ts'
import { Live } from './inspect/index.ts'
import { DEFAULT_CREDENTIAL, allRules, defaultSettings } from './options/index.ts'
import type { FaultOptions, Settings, SimulatorOptions } from './options/index.ts'
import { Store } from './store/index.ts'
import { Faults, RateLimiter } from './traffic/index.ts'
import type { Fault } from './traffic/index.ts'

/** A simulator that listens. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`: the REST endpoint, and the page for people. */
  readonly url: string
  /** Live: a change holds from the next request on. */
  readonly settings: Settings
  /** Writes at once what was accepted and waits. */
  settle(): void
  /** Forgets all users, cohorts and requests. */
  reset(): void
  /** Lets coming requests fail. */
  addFault(fault: FaultOptions): Fault
  clearFaults(): void
  /** Writes what waits, stores it if a file was named, and stops. */
  close(): Promise<void>
}

/** Distinguishes the stream of faults from that of delays, so that one does not shift the other. */
const FAULT_SEED = 0x5bd1e995

/**
 * Starts a local Braze.
 *
 * @throws {SimulatorError} `SIMULATOR_PORT`, `SIMULATOR_STORE`, `SIMULATOR_STORE_BUSY`
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', seed = 1, now = Date.now } = options
  const settings: Settings = { ...defaultSettings(), ...options.settings }
  const rules = { ...allRules(), ...options.rules }
  const engine = new Engine({ settings, rules, seed, now })
  const faults = new Faults(createRandom(seed ^ FAULT_SEED))
  for (const fault of options.faults ?? []) faults.add(fault)
  const store = options.store === undefined ? null : new Store(options.store, engine)
  seedUsers(options.users ?? [], engine)
  for (const segment of options.segments ?? []) engine.segments.add(segment, now())
  let closing: Promise<void> | null = null
  const limiter = new RateLimiter(settings, rules)
  const server = createHttpServer({
    ...accessOf(options),
    hostNames: hostNamesOf(host, options.hostNames ?? []),
    engine,
    faults,
    limiter,
    live: new Live(engine),
  })
  try {
    const url = await listen(server, host, port)
    return {
      url,
      settings,
      settle: () => engine.settle(),
      reset: () => engine.reset(),
      addFault: (fault) => faults.add(fault),
      clearFaults: () => faults.clear(),
      close: () => (closing ??= close(server, engine, store)),
    }
  } catch (error) {
    store?.close()
    throw error
  }
}

async function close(
  server: ReturnType<typeof createHttpServer>,
  engine: Engine,
  store: Store | null,
): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
  engine.stop()
  engine.settle()
  store?.close()
}

/** Who may do what. */
function accessOf(options: SimulatorOptions): Pick<ServerContext, 'keys' | 'partners' | 'isLean'> {
  const apiKeys = options.apiKeys ?? [{ key: DEFAULT_CREDENTIAL }]
  const partners = options.partners ?? [
    {
      name: DEFAULT_CREDENTIAL,
      partnerApiKey: DEFAULT_CREDENTIAL,
      clientSecret: DEFAULT_CREDENTIAL,
    },
  ]
  return {
    keys: new Map(
      apiKeys.map(({ key, permissions }) => [
        key,
        permissions === undefined ? null : new Set(permissions),
      ]),
    ),
    partners: new Map(partners.map((partner) => [partner.name, partner])),
    isLean: options.lean ?? false,
  }
}
