import { someUsers } from '../engine/index.ts'
import type { BaseOptions, EngineOptions, Observer, RunKind } from '../engine/index.ts'
import type { StateAccess } from '../state/format/identity.ts'
import { baseOptions } from '../workspace/base-options.ts'
import { engineOptions } from '../workspace/engine-options.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import { namesOf } from '../workspace/files/user-names.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import type { Workspace } from '../workspace/open-workspace.ts'
import { selectFrom } from '../workspace/selection/select-from.ts'
import { openProject } from './project.ts'
import type { WorkOptions } from './project.ts'

/** What reads the sources of a project, opened. */
export interface OpenWork {
  readonly workspace: Workspace
  readonly engine: EngineOptions
  /** The same with the configuration of a git commit. */
  readonly base: (ref: string) => Promise<BaseOptions>
}

/** What some work takes, and what it does to the state. */
export interface WorkNeeds {
  /** Names of the options there are. */
  readonly known: readonly string[]
  readonly access: StateAccess
}

/** Opens a project, does something with it, and closes it however that ends. */
export async function withProject<T>(
  options: WorkOptions & { readonly observe?: Observer; readonly waitMs?: number },
  { known, access }: WorkNeeds,
  work: (open: OpenWork) => Promise<T>,
): Promise<T> {
  const { io, flags } = openProject(options, known)
  const opened = openEnvironment(io, flags)
  const workspace = await openWorkspace(
    opened,
    await selectFrom(opened.config, options.select, { io, flags, withCases: false }),
    access,
  )
  try {
    const {
      reread,
      resend,
      allow,
      memoryBudgetBytes,
      onlyUsers,
      observe = () => undefined,
      waitMs,
    } = options
    const asked = {
      ...(reread !== undefined && { reread }),
      ...(resend !== undefined && { resend }),
      ...(allow !== undefined && { allow }),
      ...(memoryBudgetBytes !== undefined && { memoryBudget: memoryBudgetBytes }),
      ...(waitMs !== undefined && { wait: waitMs / 1000 }),
    }
    const engine = { ...engineOptions(io, asked, workspace), observe }
    const kind = onlyUsers === undefined ? engine.kind : kindFor(onlyUsers, engine)
    const planned = { ...engine, kind }
    const base = (ref: string) =>
      baseOptions(ref, { io, flags, opened, workspace, options: planned })
    return await work({ workspace, engine: planned, base })
  } finally {
    await workspace.close()
  }
}

function kindFor(users: readonly string[], { syncs, kind }: EngineOptions): RunKind {
  return someUsers(new Set(users.flatMap((user) => namesOf(user, syncs))), kind)
}
