import { hex } from '../hex'
import type { DocumentKeys, Role } from '../keys/derive'
import type { Connection } from '../network/network'
import { type Hello, nameIn, readHello, roleOf } from './hello'

/** Who a peer said that it is when its channel was opened, as far as that can be known. Rules W4 to W6. */
export class Introduction {
  private readonly connection: Connection
  private hello: Hello | null = null
  private knownRole: Role = 'keep'
  private knownName = ''

  constructor(connection: Connection) {
    this.connection = connection
  }

  /** Reads its hello. Throws INVALID. */
  take(bytes: Uint8Array, keys: DocumentKeys): void {
    this.hello = readHello(bytes, keys, this.connection)
  }

  /** Looks again what the hello says: whose signature makes a writer may be known only later. */
  look(keys: DocumentKeys): void {
    if (!this.hello) return
    this.knownRole = roleOf(this.hello, keys)
    this.knownName = nameIn(this.hello, keys, this.connection)
  }

  /** It proved that it shares the document. */
  get isProved(): boolean {
    return this.hello !== null
  }

  /** The version of the wire that it speaks; null before it is proved. */
  get version(): number | null {
    return this.hello?.version ?? null
  }

  /** Public key of its instance; empty before it is proved. */
  get instanceKey(): Uint8Array {
    return this.hello?.instance ?? new Uint8Array(0)
  }

  /** The same as hex. */
  get instance(): string {
    return hex(this.instanceKey)
  }

  get role(): Role {
    return this.knownRole
  }

  /** '' from who cannot read, and for who cannot. */
  get name(): string {
    return this.knownName
  }
}
