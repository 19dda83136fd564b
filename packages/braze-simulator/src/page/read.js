// What the simulator says, as JSON.

/** The answer of a path below `/simulator/`; null when there is none. */
export async function read(path) {
  const response = await fetch(`/simulator/${path}`)
  return response.ok ? response.json() : null
}
