import type { JsonObject } from '@engage-sync/contract'
import { startSimulator } from '../../src/index.ts'
import type { RuleName, Simulator, SimulatorOptions } from '../../src/index.ts'

/** One statement about Braze, and the rules it would be false without. */
export interface Spec {
  readonly title: string
  readonly rules: readonly RuleName[]
  readonly options?: SimulatorOptions
  readonly check: (probe: Probe) => Promise<void>
}

/** An answer, as the wire shows it. */
export interface Seen {
  readonly status: number
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
  readonly headers: Headers
}

/** Headers a probe may change; a `null` leaves one out. */
export interface Sent {
  readonly method?: string
  readonly key?: string | null
  readonly contentType?: string | null
  readonly raw?: string
}

/** A simulator, and the ways a spec talks to it. */
export class Probe {
  readonly simulator: Simulator

  constructor(simulator: Simulator) {
    this.simulator = simulator
  }

  async send(
    path: string,
    body: unknown,
    { method = 'POST', key = 'simulator', contentType = 'application/json', raw }: Sent = {},
  ): Promise<Seen> {
    const headers: Record<string, string> = {}
    if (key !== null) headers.authorization = `Bearer ${key}`
    if (contentType !== null) headers['content-type'] = contentType
    const payload = method === 'GET' ? undefined : Buffer.from(raw ?? JSON.stringify(body))
    const response = await fetch(this.simulator.url + path, { method, headers, body: payload })
    const text = await response.text()
    return { status: response.status, text, body: parse(text), headers: response.headers }
  }

  /** Sends to `/users/track` and waits for the write. */
  async track(body: unknown, path = '/users/track'): Promise<Seen> {
    const seen = await this.send(path, body)
    this.simulator.settle()
    return seen
  }

  /** Writes attributes of the user `u`, one request each. */
  async write(...objects: readonly JsonObject[]): Promise<void> {
    for (const object of objects)
      await this.track({ attributes: [{ external_id: 'u', ...object }] })
  }

  /** Sends to the default partner and waits for the write. */
  async partner(action: 'cohorts' | 'cohorts/users', body: unknown): Promise<Seen> {
    const secrets = { partner_api_key: 'simulator', client_secret: 'simulator' }
    const seen = await this.send(
      `/partners/simulator/${action}`,
      { ...secrets, ...(body as object) },
      { key: null },
    )
    this.simulator.settle()
    return seen
  }

  // oxlint-disable-next-line typescript/no-explicit-any
  async look(path: string): Promise<any> {
    return (await (await fetch(`${this.simulator.url}/simulator/${path}`)).json()) as unknown
  }

  /** The profile of an external id; null when there is none. */
  // oxlint-disable-next-line typescript/no-explicit-any
  async user(id = 'u'): Promise<any> {
    const response = await fetch(`${this.simulator.url}/simulator/users/${id}`)
    return response.status === 404 ? null : ((await response.json()) as unknown)
  }

  /** Custom attributes of a user. */
  async custom(id = 'u'): Promise<JsonObject> {
    return ((await this.user(id)) as { custom_attributes: JsonObject }).custom_attributes
  }

  /** Reasons in the drop log, in order. */
  async drops(): Promise<readonly string[]> {
    return ((await this.look('drops')) as { drops: { reason: string }[] }).drops.map(
      ({ reason }) => reason,
    )
  }

  /** Data points so far. */
  async points(): Promise<number> {
    return ((await this.look('ledger')) as { total: number }).total
  }

  /** Ids a filter takes. */
  async select(filter: unknown): Promise<readonly string[]> {
    const response = await fetch(`${this.simulator.url}/simulator/filter`, {
      method: 'POST',
      body: JSON.stringify(filter),
    })
    return ((await response.json()) as { ids: string[] }).ids
  }
}

/** Runs one spec against a simulator of its own, with rules turned off if need be. */
export async function runSpec(spec: Spec, off: readonly RuleName[] = []): Promise<void> {
  const rules = Object.fromEntries(off.map((name) => [name, false]))
  const simulator = await startSimulator({ ...spec.options, rules })
  try {
    await spec.check(new Probe(simulator))
  } finally {
    await simulator.close()
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
