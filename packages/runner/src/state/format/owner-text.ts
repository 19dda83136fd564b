/**
 * Who holds a lease, for people: `process 4711 on ci-runner-3`, and the command where it is not a run. A name that is
 * not one of ours, as it is.
 *
 * @param owner - `host:pid:space:start`, and the command in parentheses
 */
export function ownerText(owner: string): string {
  const [, host, pid, command = ''] =
    /^([^:\s]+):(\d+):[^:\s]*:[^:\s]*( \([^()]*\))?$/.exec(owner) ?? []
  return host === undefined ? owner : `process ${pid} on ${host}${command}`
}
