import { join } from 'node:path'

/** A user as the simulator shows it: the shape of Braze's export, with cohorts by name. */
export interface HeldUser {
  readonly custom_attributes: Readonly<Record<string, unknown>>
  readonly custom_events: readonly {
    readonly name: string
    readonly count: number
    readonly first: string
    readonly last: string
  }[]
  readonly cohorts: readonly string[]
}

/** A cohort, with the first few of its members. */
export interface HeldCohort {
  readonly name: string
  readonly size: number
  readonly some: readonly string[]
}

/** What the local Braze of a project holds. */
export interface Held {
  readonly user: HeldUser
  readonly cohort: HeldCohort
  readonly dataPoints: number
}

/** Members known by an alias alone are shown by the id that Braze gave them. */
const BRAZE_ID = /^[0-9a-f]{24}$/

interface ShownCohort {
  readonly name: string
  readonly members: number
  readonly member_ids: readonly string[]
}

/** Opens the simulator's file beside the local state of a project, asks it over HTTP, and closes it again. */
export async function readBraze(
  directory: string,
  wanted: { readonly user: string; readonly cohort: string },
): Promise<Held> {
  // Loaded here and not above: in a fresh checkout the packages are built after this file was read.
  const { startSimulator } = await import('@engage-sync/braze-simulator')
  const simulator = await startSimulator({
    store: join(directory, '.engage-sync/local/simulator.ndjson'),
  })
  const get = async (path: string) => (await fetch(new URL(path, simulator.url))).json()
  try {
    const user = (await get(`/simulator/users/${wanted.user}`)) as HeldUser
    const cohort = (await get(
      `/simulator/cohorts/${encodeURIComponent(wanted.cohort)}`,
    )) as ShownCohort
    const ledger = (await get('/simulator/ledger')) as { readonly total: number }
    return {
      user,
      cohort: {
        name: cohort.name,
        size: cohort.members,
        some: cohort.member_ids.filter((id) => !BRAZE_ID.test(id)).slice(0, 4),
      },
      dataPoints: ledger.total,
    }
  } finally {
    await simulator.close()
  }
}
