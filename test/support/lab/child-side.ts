import { createInterface } from 'node:readline'

/** Tells the test something, as a line of JSON. */
export function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Ends this program when the test has ended, however it did. */
export function endWithInput(): void {
  process.stdin.on('end', () => process.exit(0)).resume()
}

/**
 * Answers what the test asks, one question after the other, until the test ends. A question that fails is
 * answered with its error's message.
 */
export function answer(commands: Record<string, (argument: string) => unknown>): void {
  let last = Promise.resolve()
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const [name = '', argument = ''] = JSON.parse(line) as [string, string?]
      last = last.then(async () => {
        try {
          say({ answer: (await commands[name]?.(argument)) ?? null })
        } catch (error) {
          say({ error: String(error) })
        }
      })
    })
    .on('close', () => process.exit(0))
}
