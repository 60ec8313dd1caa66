import { ChangeSet } from '@codemirror/state'
import type { Environment } from '../../main/base/environment'
import { hex } from '../../main/base/hex'
import { type DocumentKeys, makeManifest } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { nonceSize } from '../../main/keys/seal'
import { DocumentLog } from '../../main/log/document-log'
import { sealSnapshot } from '../../main/log/format/snapshot'
import { type LoggedChange, SessionLog } from '../../main/log/session-log'
import type { Network } from '../../main/network/network'
import type { KeyedRecord } from '../../main/replica/parts/part'
import { Replica } from '../../main/replica/replica'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import { Sync } from '../../main/sync/sync'

/** How a hostile writer begins. */
export interface HostileWriterOptions {
  /** Of the write link. */
  readonly keys: DocumentKeys
  readonly environment: Environment
  readonly name?: string
  /** Makes the person: the same number, the same author key. */
  readonly identity?: number
  /** Makes the session's key: the same for a copy of a running program. */
  readonly session?: Uint8Array
}

/** Someone with the write link who signs and seals whatever they like, in one session. */
export class HostileWriter {
  readonly log: DocumentLog
  readonly session: SessionLog
  private readonly options: HostileWriterOptions
  private readonly replica: Replica
  private readonly store = new MemoryStore(new MemoryDisk())
  private leave: () => Promise<void> = async () => undefined

  constructor(options: HostileWriterOptions) {
    this.options = options
    const { keys, environment, session, name = 'Mallory', identity = 1 } = options
    const { documentId, verify } = keys
    this.log = new DocumentLog({ store: this.store, environment, documentId, verify })
    this.session = new SessionLog({
      documentId,
      keys,
      identity: identityFromSeed(Buffer.alloc(32, identity)),
      name,
      environment,
      ...(session ? { seed: session } : {}),
    })
    this.replica = replicaOf(keys, this.id)
  }

  /** Its session, hex. */
  get id(): string {
    return hex(this.session.session)
  }

  async open(): Promise<void> {
    await this.store.open()
    await this.log.open()
  }

  /** Writes text at the start as an honest program does. */
  async write(text: string): Promise<void> {
    await this.log.append(this.session, type(this.replica, text))
  }

  /** Puts a note beside the text. */
  async note(note: KeyedRecord): Promise<void> {
    this.replica.put({ ...note, part: 'notes' })
    await this.log.append(this.session, this.replica.commit())
  }

  /** Writes text in a change that says to be of another session: rule D2. */
  async writeUnsound(text: string): Promise<void> {
    const other = replicaOf(this.options.keys, 'ee'.repeat(32))
    await this.log.append(this.session, type(other, text))
    other.free()
  }

  /** Writes bytes that are no change at all. */
  async writeBytes(bytes: Uint8Array): Promise<void> {
    await this.log.append(this.session, [{ bytes, hash: Buffer.alloc(32, 1) }])
  }

  /** Writes text as an honest program does, and logs something else under the header that was signed for it. */
  async writeElsewhere(text: string): Promise<void> {
    const changes = type(this.replica, text)
    await this.log.append(
      this.session,
      changes.map(({ bytes, hash }) => ({ bytes: Buffer.alloc(bytes.length, 7), hash })),
    )
  }

  /** Keeps a snapshot of all that it wrote, with the content that it signed, to offer it to others. */
  async keepSnapshot(): Promise<void> {
    const { keys, environment } = this.options
    const own = await this.log.snapshots.settled(this.id, this.session.tip)
    const content = this.replica.contents()
    if (!own || !content) throw new Error('nothing was written')
    const nonce = environment.random(nonceSize)
    const snapshot = sealSnapshot({ keys, sessions: [own], packed: content.packed, nonce, madeAt: 0 })
    if (!snapshot || !(await this.log.snapshots.keep(snapshot))) throw new Error('it was not kept')
  }

  /** Shares what it wrote with whoever has the document. */
  async share(network: Network): Promise<void> {
    const { keys, environment } = this.options
    const sync = new Sync({ network, environment })
    await network.open()
    network.join(keys.topic)
    sync.add({
      keys,
      log: this.log,
      store: this.store,
      role: 'write',
      manifest: makeManifest(keys),
      onManifest: () => undefined,
      signer: null,
      isSound: null,
    })
    this.leave = async () => {
      await sync.close()
      await network.close()
    }
  }

  async close(): Promise<void> {
    await this.leave()
    await this.log.close()
    await this.store.close()
    this.replica.free()
  }
}

function replicaOf(keys: DocumentKeys, actor: string): Replica {
  if (!keys.content) throw new Error('these keys read nothing')
  return new Replica({ documentId: keys.documentId, contentKey: keys.content, actor, now: () => 0 })
}

function type(replica: Replica, text: string): LoggedChange[] {
  replica.edit(ChangeSet.of({ from: 0, insert: text }, replica.text.length, '\n'))
  return replica.commit()
}
