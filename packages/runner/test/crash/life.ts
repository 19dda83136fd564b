import { armKillPoint } from '../../src/process/kill-points.ts'
import { engineLife } from './engine-life.ts'
import type { LifeArgs } from './engine-life.ts'

/**
 * A process that is a life of the engine, so that it can be killed: `life.ts <simulator>
 * <directory> <on_unknown> [memory budget, bytes]`.
 */
armKillPoint(process.env['ENGAGE_SYNC_KILL_AT'])
const { code, err } = await engineLife(process.argv.slice(2) as unknown as LifeArgs)
process.stderr.write(err)
process.exitCode = code
