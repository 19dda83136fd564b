/** One entry of Braze's `errors`. Some answers lack the array's name, or even the index. */
export interface ItemError {
  readonly text: string
  readonly array: string | null
  readonly index: number | null
}

/** What all of Braze's answers share. */
export interface AnswerBody {
  readonly message: string
  readonly errors: readonly ItemError[]
  /** The value of a `…_processed` member; null when it is absent, which also happens for 0. */
  readonly processed: (array: string) => number | null
}

/** Reads an answer's body without trusting its shape. */
export function readBody(body: unknown): AnswerBody {
  const members =
    typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {}
  const { message, errors } = members
  return {
    message: typeof message === 'string' ? message : '',
    errors: Array.isArray(errors) ? errors.map(readItemError) : [],
    processed: (array) => {
      const count = members[`${array}_processed`]
      return typeof count === 'number' ? count : null
    },
  }
}

/**
 * Whether a 2xx says that it is one. `queued` is what Braze answers while it stores requests during
 * maintenance.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
 */
export function saysSuccess({ message }: AnswerBody): boolean {
  return message === 'success' || message === 'queued'
}

/**
 * Whether a 2xx says nothing of what became of its objects: no success, and no errors. Something
 * else answered.
 */
export function isForeign({
  status,
  body,
}: {
  readonly status: number
  readonly body: unknown
}): boolean {
  const read = readBody(body)
  return status < 300 && !saysSuccess(read) && read.errors.length === 0
}

function readItemError(error: unknown): ItemError {
  if (typeof error === 'string') return { text: error, array: null, index: null }
  const members =
    typeof error === 'object' && error !== null ? (error as Readonly<Record<string, unknown>>) : {}
  const { type, input_array: array, index } = members
  return {
    text: typeof type === 'string' ? type : '',
    array: typeof array === 'string' ? array : null,
    index: typeof index === 'number' && Number.isInteger(index) && index >= 0 ? index : null,
  }
}
