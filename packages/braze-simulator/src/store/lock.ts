import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SimulatorError } from '../options/index.ts'

/** Stores this process has open. */
const held = new Set<string>()

/**
 * Takes a store for this process; what it gives lets go of it. A lock whose process is gone is
 * taken over.
 *
 * @throws {SimulatorError} `SIMULATOR_STORE_BUSY` when a process that lives has it
 */
export function lockStore(path: string): () => void {
  const lock = `${resolve(path)}.lock`
  if (held.has(lock) || isHeldElsewhere(lock))
    throw new SimulatorError(
      'SIMULATOR_STORE_BUSY',
      `${path} is in use by another simulator`,
      'Stop it first, or name another file.',
    )
  writeFileSync(lock, String(process.pid), { mode: 0o600 })
  held.add(lock)
  return () => {
    held.delete(lock)
    rmSync(lock, { force: true })
  }
}

/**
 * A killed process is still listed until its parent asks for its end; in a container nobody may.
 * Linux tells them apart.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function hasEnded(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return /^[ZXx]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

function isHeldElsewhere(lock: string): boolean {
  try {
    const owner = Number(readFileSync(lock, 'utf8'))
    if (owner === process.pid) return false
    process.kill(owner, 0)
    return !hasEnded(owner)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
