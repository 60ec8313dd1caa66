import type { Child } from '../child-program'

/** A program of the tests that answers questions. */
export class Asked {
  private readonly child: Child
  private heard = 0
  private last: Promise<unknown> = Promise.resolve()

  private constructor(child: Child) {
    this.child = child
  }

  /** Waits until a program that was just started says that it is ready. */
  static async when(child: Child): Promise<Asked> {
    const asked = new Asked(child)
    await asked.next()
    return asked
  }

  /** Asks, and waits for the answer. Rejects with the error that the program met. */
  ask<Answer>(question: string, argument = ''): Promise<Answer> {
    const answered = this.last.then(async () => {
      this.child.process.stdin.write(`${JSON.stringify([question, argument])}\n`)
      const { answer, error } = (await this.next()) as { answer?: Answer; error?: string }
      if (error !== undefined) throw new Error(error)
      return answer as Answer
    })
    this.last = answered.catch(() => undefined)
    return answered
  }

  private async next(): Promise<unknown> {
    await this.child.until(++this.heard)
    return JSON.parse(this.child.lines[this.heard - 1] ?? 'null')
  }
}
