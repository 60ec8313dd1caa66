import { SerialQueue } from '../base/serial-queue'
import type { SealedText } from '../library/cached-text'
import type { FromSearch, ListedDocument, ToSearch } from './search-protocol'
import type { SearchThread, StartSearch } from './search-thread'

/** Messages with texts that may wait for the thread. */
const maxWaiting = 4

/** Callbacks of a running thread. */
export interface RunningThreadListener {
  onMessage(message: Exclude<FromSearch, { type: 'taken' }>): void
  onEnd(): void
}

/** A thread that searches, with what the main thread knows of it. */
export class RunningThread {
  /** See `SharedMemory`. */
  readonly beat = new Int32Array(new SharedArrayBuffer(8))
  /** Documents (hex) of which another text was stored since their text was sent. */
  readonly changed = new Set<string>()
  /** Sends what changed, one time after the other: a search begins when what changed before it was sent. */
  readonly updating = new SerialQueue()
  /** The list and all texts are being sent. */
  isLoading = false
  /** All texts were sent once. */
  isLoaded = false
  private readonly key: Uint8Array
  private readonly thread: SearchThread
  /** Documents as they were sent. */
  private readonly listed = new Map<string, ListedDocument>()
  private waiting = 0
  private goOn = (): void => undefined
  private stopped = false

  /** Starts a thread with the key of texts (32 bytes). */
  constructor(key: Uint8Array, startSearch: StartSearch, listener: RunningThreadListener) {
    // Memory that both share is wiped for both, whatever the thread does then.
    this.key = new Uint8Array(new SharedArrayBuffer(key.length))
    this.key.set(key)
    this.thread = startSearch({
      onMessage: (message) => {
        if (message.type !== 'taken') listener.onMessage(message)
        else {
          this.waiting--
          this.goOn()
        }
      },
      onEnd: () => listener.onEnd(),
    })
    this.post({ type: 'open', memory: { key: this.key, beat: this.beat } })
  }

  /** Sends a message; drops it once the thread was stopped. */
  post(message: ToSearch): void {
    if (this.stopped) return
    if (message.type === 'texts') this.waiting++
    this.thread.post(message)
  }

  /** Sends texts; resolves when the thread can take more, or was stopped. */
  async postTexts(texts: readonly SealedText[]): Promise<void> {
    this.post({ type: 'texts', texts, last: false })
    while (this.waiting >= maxWaiting && !this.stopped)
      await new Promise<void>((resolve) => {
        this.goOn = resolve
      })
  }

  /** Returns how the list differs from the one that was sent, and notes it as sent. */
  listChanges(documents: readonly ListedDocument[]): { changed: ListedDocument[]; gone: string[] } {
    const { listed } = this
    const changed: ListedDocument[] = []
    let known = 0
    for (const document of documents) {
      const before = listed.get(document.id)
      if (before) known++
      if (before?.title !== document.title || before.editedAt !== document.editedAt) changed.push(document)
    }
    const gone = known === listed.size ? [] : this.missingIn(documents)
    for (const id of gone) listed.delete(id)
    for (const document of changed) {
      // Its text was not sent with the others, as of one that was restored.
      if (this.isLoaded && !this.listed.has(document.id)) this.changed.add(document.id)
      this.listed.set(document.id, document)
    }
    return { changed, gone }
  }

  private missingIn(documents: readonly ListedDocument[]): string[] {
    const present = new Set(documents.map(({ id }) => id))
    return [...this.listed.keys()].filter((id) => !present.has(id))
  }

  /** True if the document (hex) is in the list that was sent. */
  isListed(id: string): boolean {
    return this.listed.has(id)
  }

  /** Ends the thread at once, and wipes its key. */
  stop(): void {
    this.stopped = true
    this.thread.stop()
    this.key.fill(0)
    this.goOn()
  }
}
