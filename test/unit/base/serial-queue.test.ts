import { describe, expect, it } from 'vitest'
import { SerialQueue } from '../../../main/base/serial-queue'
import { quiet } from '../../support/manual-clock'

/** A task that notes its start and ends when it is released. */
function held(name: string, log: string[]) {
  let release: (value: string) => void = () => undefined
  let fail: (error: Error) => void = () => undefined
  const ended = new Promise<string>((resolve, reject) => {
    release = resolve
    fail = reject
  })
  const task = () => {
    log.push(name)
    return ended
  }
  return { task, release: () => release(name), fail: () => fail(new Error(name)) }
}

describe('SerialQueue', () => {
  it('runs one task at a time, in the order in which they were added', async () => {
    const queue = new SerialQueue()
    const log: string[] = []
    const [first, second] = [held('first', log), held('second', log)]
    const results = [queue.run(first.task), queue.run(second.task)]
    await quiet()
    expect(log).toEqual(['first'])
    first.release()
    await quiet()
    expect(log).toEqual(['first', 'second'])
    second.release()
    expect(await Promise.all(results)).toEqual(['first', 'second'])
  })

  it('starts no task while its caller still runs', () => {
    const log: string[] = []
    void new SerialQueue().run(held('task', log).task)
    expect(log).toEqual([])
  })

  it('goes on after a task that failed, which alone rejects', async () => {
    const queue = new SerialQueue()
    const log: string[] = []
    const [first, second] = [held('first', log), held('second', log)]
    const failed = expect(queue.run(first.task)).rejects.toThrow('first')
    const done = queue.run(second.task)
    first.fail()
    second.release()
    await failed
    expect(await done).toBe('second')
  })

  it('is idle when the tasks added so far have ended', async () => {
    const queue = new SerialQueue()
    const log: string[] = []
    const task = held('task', log)
    const result = expect(queue.run(task.task)).rejects.toThrow('task')
    let isIdle = false
    const idle = queue.idle().then(() => {
      isIdle = true
    })
    await quiet()
    expect(isIdle).toBe(false)
    task.fail()
    await idle
    await result
  })
})
