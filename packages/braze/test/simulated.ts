import type { ContractDestination, HeldUser } from '@engage-sync/testkit'
import { startSimulator } from '@engage-sync/braze-simulator'
import type { SimulatorOptions } from '@engage-sync/braze-simulator'
import { createBrazeDestination } from '../src/destination/destination.ts'
import type { BrazeDestinationOptions } from '../src/destination/destination.ts'

const KEYS = { partner: 'simulator', partnerApiKey: 'simulator', clientSecret: 'simulator' }

/** The adapter before a simulator of its own. */
export async function simulated(
  server: SimulatorOptions = {},
  options: Partial<BrazeDestinationOptions> = {},
): Promise<ContractDestination> {
  const simulator = await startSimulator({
    ...server,
    settings: { applyDelayMs: 10, ...server.settings },
  })
  const destination = createBrazeDestination({
    endpoint: simulator.url,
    apiKey: 'simulator',
    cohorts: KEYS,
    settleMs: 0,
    timeoutMs: 1000,
    retry: { baseMs: 5, maxMs: 20, budgetMs: 2000 },
    ...options,
  })
  return {
    destination,
    server: {
      addFault: (fault) => simulator.addFault(fault),
      settle: () => simulator.settle(),
      user: async (externalId) =>
        readUser(await fetch(`${simulator.url}/simulator/users/${externalId}`)),
    },
    async close() {
      await destination.close()
      await simulator.close()
    },
  }
}

async function readUser(answer: Response): Promise<HeldUser | null> {
  if (answer.status === 404) return null
  const user = (await answer.json()) as {
    custom_attributes?: Record<string, unknown>
    custom_events?: { name: string; count: number }[]
    cohorts?: string[]
  }
  return {
    attributes: user.custom_attributes ?? {},
    events: Object.fromEntries((user.custom_events ?? []).map(({ name, count }) => [name, count])),
    cohorts: user.cohorts ?? [],
  }
}
