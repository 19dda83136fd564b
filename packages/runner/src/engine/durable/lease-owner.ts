import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * What the lease of this process is held under: `host:pid:space:start`, and the command where it is
 * not a run.
 *
 * The space tells processes of one boot and container apart from those of another, the start two
 * processes that had the same number one after the other. Both are empty where Linux does not tell
 * them.
 */
export function ownerName(command?: string): string {
  const name = `${hostname()}:${process.pid}:${processSpace()}:${processState(process.pid)?.start ?? ''}`
  return command === undefined ? name : `${name} (${command})`
}

/**
 * Whether an owner was a process of this very machine that no longer runs. False when that cannot
 * be told.
 */
export function isOwnerGone(owner: string): boolean {
  const [name = ''] = owner.split(' ')
  const [host, pid, space = '', start = ''] = name.split(':')
  if (space === '' || host !== hostname() || space !== processSpace()) return false
  return !isRunning(Number(pid), start)
}

/**
 * Process numbers mean something within one boot and one process namespace only; '' where neither
 * can be told.
 */
function processSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)
    return `${boot}-${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`
  } catch {
    return ''
  }
}

/**
 * Letters of processes that ended, but are listed until their parent asks for that; in a container
 * nobody may.
 */
const ENDED = 'ZXx'

/**
 * @param start - when the process began, as its owner's name says; '' in those of older versions
 */
function isRunning(pid: number, start: string): boolean {
  const state = processState(pid)
  if (state !== null)
    return !ENDED.includes(state.letter) && (start === '' || state.start === start)
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/**
 * The place of the start among what follows the name, which may itself hold spaces and parentheses.
 */
const START = 19

/**
 * How a process is, and when it began, in ticks since the boot; null when it cannot be seen.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function processState(pid: number): { readonly letter: string; readonly start: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { letter: fields[0] ?? '', start: fields[START] ?? '' }
  } catch {
    return null
  }
}
