import { createHash } from 'node:crypto'
import { aliasKey, newUser } from './user.ts'
import type { Alias, User } from './user.ts'

/** How a profile came to be; decides its Braze id. */
export type Origin =
  | { readonly externalId: string }
  | { readonly alias: Alias }
  | { readonly email: string }
  | { readonly phone: string }
  | { readonly device: string }

/** All profiles, and the ways to find them. */
export class Directory {
  readonly users = new Set<User>()
  readonly #byExternalId = new Map<string, User>()
  readonly #byAlias = new Map<string, User>()
  readonly #byBrazeId = new Map<string, User>()
  readonly #byEmail = new Map<string, Set<User>>()
  readonly #byPhone = new Map<string, Set<User>>()
  readonly #byDevice = new Map<string, User>()

  byExternalId(id: string): User | undefined {
    return this.#byExternalId.get(id)
  }

  byAlias(alias: Alias): User | undefined {
    return this.#byAlias.get(aliasKey(alias))
  }

  byBrazeId(id: string): User | undefined {
    return this.#byBrazeId.get(id)
  }

  byEmail(email: string): readonly User[] {
    return [...(this.#byEmail.get(email.toLowerCase()) ?? [])]
  }

  byPhone(phone: string): readonly User[] {
    return [...(this.#byPhone.get(phone) ?? [])]
  }

  byDevice(id: string): User | undefined {
    return this.#byDevice.get(id)
  }

  /** Writes so far; the next one gets the next number. */
  touches = 0

  nextTouch(): number {
    return ++this.touches
  }

  /**
   * Makes a profile. Its Braze id comes from its origin, so that equal histories give equal ids.
   *
   * @param at - now, in milliseconds since the epoch
   */
  create(origin: Origin, at: number): User {
    const user = newUser(this.#freeId(JSON.stringify(origin)), this.nextTouch(), at)
    this.add(user)
    if ('externalId' in origin) this.setExternalId(user, origin.externalId)
    if ('alias' in origin) this.setAlias(user, origin.alias)
    if ('email' in origin) this.setContact(user, 'email', origin.email)
    if ('phone' in origin) this.setContact(user, 'phone', origin.phone)
    return user
  }

  /** Adds a profile with all it holds to the indexes. */
  add(user: User): void {
    this.users.add(user)
    this.#byBrazeId.set(user.brazeId, user)
    if (user.externalId !== null) this.#byExternalId.set(user.externalId, user)
    for (const id of user.deprecatedIds) this.#byExternalId.set(id, user)
    for (const [label, name] of user.aliases) this.#byAlias.set(aliasKey({ label, name }), user)
    for (const device of user.devices) this.#byDevice.set(device, user)
    this.#indexContact(user, 'email')
    this.#indexContact(user, 'phone')
  }

  /** Removes a profile. */
  remove(user: User): void {
    this.users.delete(user)
    this.#byBrazeId.delete(user.brazeId)
    if (user.externalId !== null) this.#byExternalId.delete(user.externalId)
    for (const id of user.deprecatedIds) this.#byExternalId.delete(id)
    for (const [label, name] of user.aliases) this.#byAlias.delete(aliasKey({ label, name }))
    for (const device of user.devices) this.#byDevice.delete(device)
    this.setContact(user, 'email', null)
    this.setContact(user, 'phone', null)
  }

  setExternalId(user: User, id: string): void {
    if (user.externalId !== null) this.#byExternalId.delete(user.externalId)
    user.externalId = id
    this.#byExternalId.set(id, user)
  }

  /** Gives a user another external id; the one it has still finds it. */
  deprecateExternalId(user: User, next: string): void {
    const old = user.externalId
    this.setExternalId(user, next)
    if (old === null) return
    user.deprecatedIds.add(old)
    this.#byExternalId.set(old, user)
  }

  /** Takes an external id from whoever has it. */
  dropExternalId(id: string): void {
    const user = this.#byExternalId.get(id)
    this.#byExternalId.delete(id)
    user?.deprecatedIds.delete(id)
    if (user?.externalId === id) user.externalId = null
  }

  setAlias(user: User, alias: Alias): void {
    const old = user.aliases.get(alias.label)
    if (old !== undefined) this.#byAlias.delete(aliasKey({ label: alias.label, name: old }))
    user.aliases.set(alias.label, alias.name)
    this.#byAlias.set(aliasKey(alias), user)
  }

  addDevice(user: User, id: string): void {
    this.#byDevice.get(id)?.devices.delete(id)
    user.devices.add(id)
    this.#byDevice.set(id, user)
  }

  /** Sets or, with null, removes the email address or phone number of a profile. */
  setContact(user: User, kind: 'email' | 'phone', value: string | null): void {
    const index = kind === 'email' ? this.#byEmail : this.#byPhone
    const old = user.standard.get(kind)
    if (typeof old === 'string') {
      const holders = index.get(old)
      holders?.delete(user)
      if (holders?.size === 0) index.delete(old)
    }
    if (value === null) {
      user.standard.delete(kind)
      return
    }
    user.standard.set(kind, kind === 'email' ? value.toLowerCase() : value)
    this.#indexContact(user, kind)
  }

  #indexContact(user: User, kind: 'email' | 'phone'): void {
    const value = user.standard.get(kind)
    if (typeof value !== 'string') return
    const index = kind === 'email' ? this.#byEmail : this.#byPhone
    const holders = index.get(value)
    if (holders === undefined) index.set(value, new Set([user]))
    else holders.add(user)
  }

  #freeId(origin: string): string {
    for (let turn = 0; ; turn++) {
      const id = createHash('sha1').update(`${origin}#${turn}`).digest('hex').slice(0, 24)
      if (!this.#byBrazeId.has(id)) return id
    }
  }
}
