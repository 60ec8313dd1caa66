import { Duplex } from 'streamx'

/** One end of a connection in memory. Keeps message borders: one write is one 'data' at the other end. */
export class PairEnd extends Duplex {
  /** As on a real connection: where protomux leaves itself. */
  userData: object | null = null
  other: PairEnd | null = null
  /** Sizes of the messages that left this end, in bytes. */
  readonly sizes: number[] = []
  /** Bytes that this end was given to send, whether they left it or not. */
  given = 0
  private held: (() => void)[] | null = null
  private consumed: (() => void) | null = null

  constructor() {
    super()
    this.on('error', () => undefined)
  }

  /** From now on what is written here stays here, as on a line that is stuck. */
  hold(): void {
    this.held ??= []
  }

  /** Sends what was held, and what comes. */
  release(): void {
    const held = this.held ?? []
    this.held = null
    for (const deliver of held) deliver()
  }

  override write(data: Uint8Array): boolean {
    this.given += data.byteLength
    return super.write(data)
  }

  override _write(data: Uint8Array, done: (error: null) => void): void {
    this.sizes.push(data.byteLength)
    const bytes = Uint8Array.from(data)
    const deliver = () => {
      const { other } = this
      if (!other || other.destroying) done(null)
      // As with a real line, the next message goes when the other end has taken this one.
      else if (other.push(bytes)) done(null)
      else other.consumed = () => done(null)
    }
    if (this.held) this.held.push(deliver)
    else queueMicrotask(deliver)
  }

  override _read(done: (error: null) => void): void {
    const { consumed } = this
    this.consumed = null
    consumed?.()
    done(null)
  }

  /** Drops data in flight, since the end waits for it. */
  override _predestroy(): void {
    this.release()
    for (const end of [this, this.other]) {
      end?.consumed?.()
      if (end) end.consumed = null
    }
  }

  override _destroy(done: (error: null) => void): void {
    const { other } = this
    queueMicrotask(() => other?.destroy())
    done(null)
  }
}

/** Two connected ends; destroying one destroys the other. */
export function duplexPair(): [PairEnd, PairEnd] {
  const ends: [PairEnd, PairEnd] = [new PairEnd(), new PairEnd()]
  ends[0].other = ends[1]
  ends[1].other = ends[0]
  return ends
}
