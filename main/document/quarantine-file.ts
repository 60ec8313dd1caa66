import type { FaultCode } from '../../preload/messages/codes'
import type { DocumentLog } from '../log/document-log'
import type { Segment } from '../log/format/segment'
import type { Fault } from '../replica/intake'
import type { Salvager } from './salvager'

/** Largest file, in characters. */
const maxFile = 64 * 1024 * 1024

/** Sentences for people about left-out edits. */
export interface QuarantineSentences {
  /** Returns the sentence for a reason. */
  readonly reason: (reason: FaultCode | 'TWO_HISTORIES') => string
  /** Explains the exported file. */
  readonly aboutFile: string
}

/** Author of a session; all '' for one that could not be read. */
export interface NamedAuthor {
  /** Hex. */
  readonly authorKey: string
  readonly name: string
  readonly fingerprint: string
}

/**
 * Edits that were left out, as the pieces of one JSON text: each change in base64 with the text that can be recovered
 * from it, or its stored segment if that does not open. Ends before it is larger than 64 Mi characters. Can be read
 * once.
 */
export class QuarantineFile implements AsyncIterable<string> {
  private readonly options: {
    title: string
    faults: readonly Fault[]
    log: DocumentLog
    authorOf: (session: string) => NamedAuthor
    salvager: () => Salvager
    sentences: QuarantineSentences
    limit?: number
  }
  private left: number
  private isCut = false

  /** `limit` bounds the changes and segments in it, in characters. */
  constructor(options: QuarantineFile['options']) {
    this.options = options
    this.left = options.limit ?? maxFile
  }

  /** True if it holds everything; known once it was read to its end. */
  get whole(): boolean {
    return !this.isCut
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    const { title, faults, sentences } = this.options
    const salvager = this.options.salvager()
    try {
      yield `{\n"about": ${JSON.stringify(sentences.aboutFile)},\n"document": ${JSON.stringify(title)},\n"sessions": [`
      for (const [index, fault] of faults.entries()) {
        if (this.isCut) break
        yield index === 0 ? '\n' : ',\n'
        yield* this.session(fault, salvager)
      }
      yield `\n],\n"whole": ${this.whole}\n}\n`
    } finally {
      salvager.close()
    }
  }

  private async *session({ session, seq, code, why }: Fault, salvager: Salvager): AsyncGenerator<string> {
    const { name, fingerprint, authorKey } = this.options.authorOf(session)
    const head = JSON.stringify({
      author: name,
      fingerprint,
      authorKey,
      session,
      firstLeftOut: seq,
      why: this.options.sentences.reason(code),
      reason: why,
    })
    this.left -= head.length
    yield `${head.slice(0, -1)},"leftOut":[`
    let before = '\n'
    for await (const segment of this.options.log.segments(session, seq - 1)) {
      for (const item of itemsOf(segment, await salvager.salvage(segment, seq))) {
        const text = JSON.stringify(item)
        this.left -= text.length
        if (this.left < 0) {
          this.isCut = true
          break
        }
        yield `${before}${text}`
        before = ',\n'
      }
      if (this.isCut) break
    }
    yield ']}'
  }
}

type Salvaged = Awaited<ReturnType<Salvager['salvage']>>

function itemsOf(segment: Segment, changes: Salvaged): object[] {
  if (changes) return changes.map(({ seq, bytes, text }) => ({ number: seq, change: base64(bytes), text }))
  const { seqFrom, seqTo, bytes } = segment
  return [{ from: seqFrom, to: seqTo, sealedSegment: base64(bytes) }]
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
