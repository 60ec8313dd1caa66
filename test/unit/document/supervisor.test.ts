import { beforeEach, describe, expect, it } from 'vitest'
import { hasCode } from '../../../main/base/errors'
import type { ReplicaListener } from '../../../main/document/replica-thread'
import {
  type LiveReplica,
  type LoadOutcome,
  type ReplicaPhase,
  ReplicaSupervisor,
} from '../../../main/document/supervisor'
import type { FromReplica } from '../../../main/replica/replica-protocol'
import { ManualClock, quiet } from '../../support/manual-clock'

const message: FromReplica = { type: 'selected', caret: new Uint8Array() }

/** A supervisor, and threads that do as the test says. */
class Bench {
  readonly clock = new ManualClock()
  isLogDamaged = false
  /** Ends the writes of the last session; null for none that are under way. */
  endWrites: (() => void) | null = null
  isWriting = false
  readonly threads: (ReplicaListener & { live: boolean; left: boolean })[] = []
  /** The system lets no thread be started. */
  isFull = false
  readonly loads: ((outcome: LoadOutcome) => void)[] = []
  readonly heard: FromReplica[] = []
  readonly supervisor = new ReplicaSupervisor({
    clock: this.clock,
    startReplica: (listener) => {
      if (this.isFull) throw new Error('no more threads')
      const thread = { ...listener, live: true, left: false }
      this.threads.push(thread)
      return {
        post: () => undefined,
        stop: () => {
          thread.live = false
        },
        leave: () => {
          thread.live = false
          thread.left = true
        },
      }
    },
    newSession: () => null,
    isLogDamaged: () => this.isLogDamaged,
    drained: async () => {
      if (this.isWriting) await new Promise<void>((resolve) => (this.endWrites = resolve))
    },
    load: () => new Promise((resolve) => this.loads.push(resolve)),
    onMessage: (heard) => this.heard.push(heard),
    onEnded: () => undefined,
    onBroken: () => undefined,
  })

  get last(): ReplicaListener {
    return this.threads.at(-1) ?? expect.fail()
  }

  /** Lets replicas be started until one loads. */
  async restart(): Promise<void> {
    for (let turn = 0; this.supervisor.phase !== 'loading' && turn < 100; turn++) {
      await quiet()
      await this.clock.advance(1_000)
    }
    expect(this.supervisor.phase).toBe('loading')
  }
}

let bench: Bench
let supervisor: ReplicaSupervisor
beforeEach(() => {
  bench = new Bench()
  ;({ supervisor } = bench)
})

const reach: Readonly<Record<ReplicaPhase, () => Promise<void> | void>> = {
  draining: () => {
    bench.isWriting = true
    supervisor.start()
    supervisor.died()
  },
  pausing: async () => {
    supervisor.start()
    supervisor.died()
    await quiet()
  },
  broken: () => {
    bench.isLogDamaged = true
    supervisor.start()
    bench.isLogDamaged = false
  },
  loading: () => supervisor.start(),
  running: () => {
    supervisor.start()
    supervisor.markLoaded()
  },
  recovering: () => {
    supervisor.start()
    supervisor.markLoaded()
    supervisor.recover(null)
  },
  closed: () => {
    supervisor.start()
    supervisor.close()
  },
}

const steps = {
  start: () => supervisor.start(),
  load: () => supervisor.markLoaded(),
  recover: () => void supervisor.recover(null),
  authors: () => supervisor.authorsKnown(),
  cut: () => void supervisor.cut('aa'),
  renew: () => supervisor.renew(),
  die: () => supervisor.died(),
  repair: () => supervisor.repaired(),
  close: () => supervisor.close(),
}

const order = Object.keys(steps)
/** The phase after each step, by the phase before; a dash for an order that is not allowed. */
const table: Readonly<Record<ReplicaPhase, string>> = {
  //           start      load    recover    authors  cut        renew    die      repair     close
  draining: '  draining   -       draining   -        draining   draining draining draining   closed',
  pausing: '   loading    -       draining   -        pausing    draining draining loading    closed',
  broken: '    loading    -       draining   -        broken     draining draining loading    closed',
  loading: '   loading    running draining   -        loading    draining draining loading    closed',
  running: '   running    -       recovering -        running    draining draining running    closed',
  recovering: 'recovering -       recovering draining recovering draining draining recovering closed',
  closed: '    closed     -       closed     -        closed     closed   closed   closed     closed',
}

describe('a replica that is', () => {
  const cases = (Object.keys(table) as ReplicaPhase[]).flatMap((phase) =>
    table[phase]
      .trim()
      .split(/\s+/)
      .map((next, index) => [phase, order[index] as keyof typeof steps, next] as const),
  )

  it.each(cases)('%s: %s leads to %s', async (phase, step, next) => {
    await reach[phase]()
    expect(supervisor.phase).toBe(phase)
    let refused = false
    try {
      steps[step]()
    } catch (error) {
      if (!hasCode(error, 'INTERNAL')) throw error
      refused = true
    }
    expect([refused, supervisor.phase]).toEqual(next === '-' ? [true, phase] : [false, next])
    const live = bench.threads.filter((thread) => thread.live).length
    expect(live).toBe(['loading', 'running', 'recovering'].includes(supervisor.phase) ? 1 : 0)
  })
})

describe('replicas of a document', () => {
  it('are heard one at a time', async () => {
    supervisor.start()
    const first = bench.last
    first.onMessage(message)
    first.onEnd(new Error('gone'))
    await bench.restart()
    first.onMessage(message)
    first.onEnd(new Error('gone'))
    expect([supervisor.phase, bench.heard.length]).toEqual(['loading', 1])
    bench.last.onMessage(message)
    expect(bench.heard).toHaveLength(2)
  })

  it('begin a session only after the writes of the last one, also when the log is repaired meanwhile', async () => {
    supervisor.start()
    bench.isWriting = true
    supervisor.died()
    supervisor.repaired()
    await bench.clock.advance(60_000)
    expect(bench.threads).toHaveLength(1)
    bench.endWrites?.()
    await bench.clock.advance(0)
    expect(bench.threads).toHaveLength(2)
  })

  it('that die in a row follow after 0, 1, 5 and 30 s, and after work or on purpose at once', async () => {
    supervisor.start()
    const pauses: number[] = []
    const pause = async (end: () => void) => {
      const { length } = bench.threads
      const from = bench.clock.now()
      end()
      while (bench.threads.length === length) await bench.clock.advance(500)
      pauses.push(bench.clock.now() - from)
    }
    const die = () => bench.last.onEnd(new Error('gone'))
    for (let death = 0; death < 5; death++) await pause(die)
    await pause(() => supervisor.renew())
    await pause(die)
    supervisor.markLoaded()
    supervisor.progressed()
    await pause(die)
    expect(pauses).toEqual([500, 1_000, 5_000, 30_000, 30_000, 500, 1_000, 500])
  })

  it('are tried again where the system lets no thread be started', async () => {
    bench.isFull = true
    supervisor.start()
    await bench.clock.advance(2_000)
    expect([bench.threads.length, supervisor.failures]).toEqual([0, 3])
    bench.isFull = false
    await bench.restart()
    expect([bench.threads.length, supervisor.isCareful]).toEqual([1, false])
  })

  it('load with care after one died while loading, until one has loaded', async () => {
    supervisor.start()
    supervisor.markLoaded()
    supervisor.died()
    await bench.restart()
    expect(supervisor.isCareful).toBe(false)
    supervisor.died()
    await bench.restart()
    expect(supervisor.isCareful).toBe(true)
    supervisor.markLoaded()
    expect(supervisor.isCareful).toBe(false)
  })

  it('leave out the change that two in a row announced last', async () => {
    supervisor.start()
    const change = { session: 'aa', seq: 7 }
    for (const announced of [change, { session: 'aa', seq: 6 }, change]) {
      supervisor.announced(announced)
      supervisor.died()
      await bench.restart()
      expect(supervisor.leftOut).toEqual(new Map())
    }
    supervisor.announced(change)
    supervisor.died()
    expect(supervisor.leftOut).toEqual(new Map([['aa', 7]]))
  })

  it.each([
    ['the authors, then the cut', ['authors', 'cut']],
    ['the cut, then the authors', ['cut', 'authors']],
  ] as const)('that recover are replaced after %s', (_name, [first, second]) => {
    supervisor.start()
    supervisor.markLoaded()
    supervisor.recover('aa')
    steps[first]()
    expect(supervisor.phase).toBe('recovering')
    steps[second]()
    expect(supervisor.phase).toBe('draining')
  })

  it('wait for a damaged log to be repaired, and try it once more where it may be', async () => {
    supervisor.start()
    bench.loads[0]?.('damaged')
    await quiet()
    await bench.restart()
    expect([supervisor.isDamaged, bench.threads.length]).toEqual([true, 2])
    bench.isLogDamaged = true
    bench.loads[1]?.('damaged')
    await bench.clock.advance(60_000)
    expect([supervisor.phase, bench.threads.length]).toEqual(['broken', 2])
    bench.isLogDamaged = false
    supervisor.repaired()
    supervisor.markLoaded()
    expect([supervisor.phase, supervisor.isDamaged]).toEqual(['running', false])
  })

  it('are not judged by the log that a former one was sent', async () => {
    supervisor.start()
    supervisor.renew()
    await bench.restart()
    const { replica } = supervisor
    bench.loads[0]?.('failed')
    await quiet()
    expect(supervisor.replica).toBe<LiveReplica | null>(replica)
  })

  it('that were closed leave the state as it was', () => {
    supervisor.start()
    supervisor.markLoaded()
    supervisor.close()
    expect([supervisor.hasLoaded, supervisor.isReady, supervisor.replica]).toEqual([true, true, null])
  })

  it('leave their thread to others if they were loaded, since a loading one may be stuck', () => {
    supervisor.start()
    supervisor.close()
    const other = new Bench()
    other.supervisor.start()
    other.supervisor.markLoaded()
    other.supervisor.close()
    const ends = [bench, other].map(({ threads }) => threads.map(({ live, left }) => [live, left]))
    expect(ends).toEqual([[[false, false]], [[false, true]]])
  })
})
