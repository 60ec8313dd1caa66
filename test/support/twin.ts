import { ChangeSet } from '@codemirror/state'
import type { Environment } from '../../main/base/environment'
import { hex } from '../../main/base/hex'
import { type DocumentKeys, makeManifest } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { DocumentLog } from '../../main/log/document-log'
import { SessionLog } from '../../main/log/session-log'
import { Replica } from '../../main/replica/replica'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import { Sync } from '../../main/sync/sync'
import { type Ground, placesOf } from './ground'
import type { Random } from './random'
import { type SimInternet, SimNetwork } from './sim-network'

/** Secret that twins share: one session's seed, and the nonce of the one certificate that admits it. */
export interface TwinSecret {
  readonly seed: Buffer
  readonly nonce: Buffer
}

/** A secret for twins. */
export const twinSecret = (random: Random): TwinSecret => ({
  seed: random.bytes(32),
  nonce: random.bytes(24),
})

/**
 * One of several programs that write in one and the same session, each another history, as a cheat does or
 * a machine that was copied while it ran. A real peer on the simulated network that writes real changes.
 */
export class Twin {
  readonly name: string
  readonly network: SimNetwork
  readonly session: SessionLog
  private readonly keys: DocumentKeys
  private readonly log: DocumentLog
  private readonly sync: Sync
  private readonly store = new MemoryStore(new MemoryDisk())
  private readonly ground: Ground
  private replica: Replica | null = null

  constructor(options: {
    world: SimInternet
    name: string
    link: string
    secret: TwinSecret
    ground?: Ground
  }) {
    const { world, name, link, secret, ground = 'short' } = options
    this.ground = ground
    const environment: Environment = { clock: world.clock, random: (size) => world.random.bytes(size) }
    let first = true
    const twinned: Environment = {
      clock: world.clock,
      random: (size) => {
        const nonce = first ? secret.nonce : world.random.bytes(size)
        first = false
        return nonce
      },
    }
    this.name = name
    this.keys = keysFromLink(parseLink(link))
    const { documentId, verify } = this.keys
    this.network = new SimNetwork({ world, name })
    this.session = new SessionLog({
      documentId,
      keys: this.keys,
      identity: identityFromSeed(Buffer.alloc(32, 77)),
      name: 'Eve',
      environment: twinned,
      seed: secret.seed,
    })
    this.log = new DocumentLog({ store: this.store, environment, documentId, verify })
    this.sync = new Sync({ network: this.network, environment })
  }

  /** Joins the document. */
  async open(): Promise<void> {
    await this.log.open()
    this.sync.add({
      keys: this.keys,
      log: this.log,
      store: this.store,
      role: 'write',
      manifest: makeManifest(this.keys),
      onManifest: () => undefined,
      signer: null,
      isSound: null,
    })
    this.network.join(this.keys.topic)
    await this.network.open()
  }

  /** How far this one's own history goes. */
  get tip(): number {
    return this.session.tip
  }

  /** Puts text in at the start of what stood on the ground when it first wrote. False once the log takes no more of it. */
  async write(text: string): Promise<boolean> {
    const replica = this.replica ?? (await this.read())
    this.replica = replica
    const { start } = placesOf(replica.text.toString(), this.ground)
    replica.edit(ChangeSet.of({ from: start, insert: text }, replica.text.length))
    return this.log.append(this.session, replica.commit()).then(
      () => true,
      () => false,
    )
  }

  /** Leaves. */
  async close(): Promise<void> {
    await this.network.close()
    await this.sync.close()
    await this.log.close()
    this.replica?.free()
  }

  private async read(): Promise<Replica> {
    const { content, documentId } = this.keys
    if (!content) throw new Error('a twin writes')
    const actor = hex(this.session.session)
    const replica = new Replica({ documentId, contentKey: content, actor, now: () => 0 })
    const sealed = []
    for await (const { bytes, session } of this.log.all())
      sealed.push({ segment: bytes, certificate: this.log.certificate(hex(session)) ?? Buffer.alloc(0) })
    replica.load(sealed)
    return replica
  }
}
