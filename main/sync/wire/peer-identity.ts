import { SwarmpadError } from '../../base/errors'
import { hex } from '../../base/hex'
import type { DocumentKeys, Role } from '../../keys/derive'
import type { Connection } from '../../network/network'
import { type Hello, readHello } from './hello'
import { type Introduction, nameIn, readIntroduction, roleOf } from './introduction'

/** Identity of a peer by its hello and introduction, as far as it can be known. Rules W4 to W6, W74. */
export class PeerIdentity {
  private readonly connection: Connection
  private hello: Hello | null = null
  private introduction: Introduction | null = null
  private knownRole: Role = 'keep'
  private knownName = ''

  constructor(connection: Connection) {
    this.connection = connection
  }

  /** Reads the peer's hello. Throws MALFORMED. */
  takeHello(bytes: Uint8Array, keys: DocumentKeys): void {
    this.hello = readHello(bytes, keys, this.connection)
  }

  /** Reads the peer's introduction. Throws MALFORMED, or MISBEHAVED for a second one. */
  takeIntroduction(bytes: Uint8Array, keys: DocumentKeys): void {
    if (this.introduction) throw new SwarmpadError('MISBEHAVED', { why: 'a second introduction' })
    this.introduction = readIntroduction(bytes)
    this.evaluate(keys)
  }

  /** Evaluates the introduction again: the key that proves the write role may be known only later. */
  evaluate(keys: DocumentKeys): void {
    const { introduction, connection } = this
    if (!introduction) return
    this.knownRole = roleOf(introduction, { instance: this.instanceKey, keys, connection })
    this.knownName = nameIn(introduction, keys, connection) ?? ''
  }

  /** True once the peer has proved that it shares the document. */
  get isProved(): boolean {
    return this.hello !== null
  }

  /** True once the peer has introduced itself. */
  get isIntroduced(): boolean {
    return this.introduction !== null
  }

  /** Version of the wire that the peer speaks; null before it is proved. */
  get version(): number | null {
    return this.hello?.version ?? null
  }

  /** Public key of the peer's instance; empty before it is proved. */
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

  /** '' if either side has no read access. */
  get name(): string {
    return this.knownName
  }
}
