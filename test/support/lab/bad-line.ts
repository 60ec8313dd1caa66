import { execFileSync, spawn } from 'node:child_process'
import { Child } from '../child-program'
import { Asked } from './asked'
import type { Namespace } from './namespace'

/** Impairments of a line, the same in both directions. Omitted fields keep their values; all start at 0. */
export interface Weather {
  /** How long a packet is under way, in ms. */
  readonly delay?: number
  /** Shares of all packets, 0 to 1: lost; come twice; come out of their order. */
  readonly loss?: number
  readonly duplicate?: number
  readonly reorder?: number
  /** How much later those out of order come, in ms; with less than 0 they overtake the others. */
  readonly shift?: number
  /** Seed of the random choices. */
  readonly seed?: number
}

/** Tells why there are no bad lines here, in words for whoever reads the test run; null if there are. */
export function whyNoBadLines(): string | null {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return null
  } catch {
    return 'the program python3 is not installed'
  }
}

/** A line between two cables in a namespace, named `inner` and `outer`, with a weather of its own. */
export class BadLine {
  private readonly child: Child
  private readonly asked: Asked

  private constructor(child: Child, asked: Asked) {
    this.child = child
    this.asked = asked
  }

  /** Joins the two cables. */
  static async in(space: Namespace): Promise<BadLine> {
    const [command = '', ...args] = [...space.prefix, 'python3', 'test/support/lab/line.py']
    const child = new Child(spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] }))
    return new BadLine(child, await Asked.when(child))
  }

  /** Changes the weather from now on. */
  set(weather: Weather): Promise<void> {
    return this.asked.ask('set', JSON.stringify(weather))
  }

  /** How many bytes it was given since the weather changed, on both ways together, what it lost included. */
  count(): Promise<number> {
    return this.asked.ask('count')
  }

  /** Cuts it; it stays cut. */
  async end(): Promise<void> {
    await this.child.kill()
  }
}
