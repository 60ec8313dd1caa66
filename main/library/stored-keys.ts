import { type DocumentKeys, keysFromKeep, keysFromRead, keysFromWrite, type Role } from '../keys/derive'

/** Size of a secret and of a key in bytes. */
const size = 32

/** Keys of a document as the library stores them. */
export interface StoredSecret {
  readonly role: Role
  /** The secret of the best link. */
  readonly secret: Uint8Array
  /** W.publicKey for keep links. */
  readonly verify: Uint8Array | null
  /** The manifest, for read links to which it has arrived. */
  readonly manifest: Uint8Array | null
}

/**
 * Returns a document's keys. Where its id is known they are derived when one is first used: a library of 10,000
 * documents is listed without. Throws MALFORMED for bytes from which none follow.
 */
export function storedKeys(stored: StoredSecret, documentId?: Uint8Array): DocumentKeys {
  const { role, secret, verify, manifest } = stored
  // A manifest can be checked only by deriving.
  const isSized = secret.length === size && (role !== 'keep' || verify?.length === size)
  return documentId && isSized && !manifest ? new StoredKeys(stored, documentId) : derive(stored)
}

function derive({ role, secret, verify, manifest }: StoredSecret): DocumentKeys {
  if (role === 'write') return keysFromWrite(secret)
  if (role === 'read') return manifest ? keysFromRead(secret, manifest) : keysFromRead(secret)
  return keysFromKeep(secret, verify ?? new Uint8Array(0))
}

class StoredKeys implements DocumentKeys {
  readonly role: Role
  readonly documentId: Uint8Array
  private readonly stored: StoredSecret
  private derived: DocumentKeys | null = null

  constructor(stored: StoredSecret, documentId: Uint8Array) {
    this.role = stored.role
    this.documentId = documentId
    this.stored = stored
  }

  get topic(): Uint8Array {
    return this.all.topic
  }

  get keep(): Uint8Array {
    return this.all.keep
  }

  get read(): Uint8Array | null {
    return this.all.read
  }

  get write(): Uint8Array | null {
    return this.all.write
  }

  get verify(): Uint8Array | null {
    return this.all.verify
  }

  get sign(): Uint8Array | null {
    return this.all.sign
  }

  get content(): Uint8Array | null {
    return this.all.content
  }

  get presence(): Uint8Array | null {
    return this.all.presence
  }

  get manifest(): Uint8Array | null {
    return this.all.manifest
  }

  get salt(): Uint8Array | null {
    return this.all.salt
  }

  private get all(): DocumentKeys {
    this.derived ??= derive(this.stored)
    return this.derived
  }
}
