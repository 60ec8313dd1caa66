import type { Environment } from '../base/environment'
import { type DocumentKeys, keysFromRead, type Role, readManifest } from '../keys/derive'
import type { Identity } from '../keys/identity'
import type { KeyPair } from '../keys/signature'
import type { Connection } from '../network/network'
import { type Approval, approveInstance } from './presence/presence'
import { makeReplicaProof } from './replicas/replica-proof'
import { makeHello } from './wire/hello'
import { type Instance, makeInstance } from './wire/instance'
import { makeIntroduction } from './wire/introduction'

/** Dependencies of a LocalPeer. */
export interface LocalPeerOptions {
  readonly keys: DocumentKeys
  readonly role: Role
  readonly manifest: Uint8Array | null
  /** Key pair under which this computer confirms what it stores, and a keeper's name; null to sign nothing. */
  readonly signer: { readonly pair: KeyPair; readonly name: string } | null
  readonly wireVersion: number
  readonly environment: Environment
  /** Called once, when a sound manifest arrived where there was none, with the key in it that verifies signatures. */
  readonly onManifest: (manifest: Uint8Array, verifyKey: Uint8Array) => void
}

/**
 * This program as a peer of one document: its keys, the document's manifest, its instance, and the messages by
 * which it identifies itself.
 */
export class LocalPeer {
  readonly instance: Instance
  readonly wireVersion: number
  private readonly options: LocalPeerOptions
  private currentKeys: DocumentKeys
  private currentManifest: Uint8Array | null
  private approval: Approval | null = null

  constructor(options: LocalPeerOptions) {
    const { keys, role, manifest, wireVersion, environment } = options
    this.options = options
    this.wireVersion = wireVersion
    this.currentKeys = keys
    this.currentManifest = manifest
    this.instance = makeInstance(keys, role, environment.random(32))
  }

  /** The document's keys, as far as they are known. */
  get keys(): DocumentKeys {
    return this.currentKeys
  }

  /** The document's manifest, once it is known. */
  get manifest(): Uint8Array | null {
    return this.currentManifest
  }

  /** Takes a manifest from a peer. Throws MALFORMED for a wrong one. */
  takeManifest(manifest: Uint8Array): void {
    const verifyKey = readManifest(this.keys, manifest)
    if (this.manifest) return
    this.currentManifest = Uint8Array.from(manifest)
    const { read, verify } = this.keys
    if (read && !verify) this.currentKeys = keysFromRead(read, this.currentManifest)
    this.options.onManifest(this.currentManifest, verifyKey)
  }

  /** Makes the first message on a connection. Rule W4. */
  hello(connection: Connection): Uint8Array {
    const { keys, instance, wireVersion: version } = this
    return makeHello({ version, keys, instance, connection })
  }

  /** Makes the introduction to a peer that proved that it shares the document. Rule W74. */
  introduction(connection: Connection, name: string): Uint8Array {
    const { keys, instance } = this
    return makeIntroduction({ keys, instance, name, connection, random: this.options.environment.random })
  }

  /** Makes the proof of the computer that this is; null without a key to sign with. Rule W70. */
  replicaProof(): Uint8Array | null {
    const { signer, environment } = this.options
    const { keys, instance } = this
    if (!signer) return null
    const { pair: replica, name } = signer
    return makeReplicaProof({ replica, name, keys, instance, random: environment.random })
  }

  /** Returns an author's signature on this instance. */
  approvalBy(identity: Identity): Approval {
    if (this.approval?.authorKey !== identity.publicKey)
      this.approval = approveInstance(identity, this.keys.documentId, this.instance.pair.publicKey)
    return this.approval
  }
}
