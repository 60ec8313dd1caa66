import { terminalJson, terminalText } from '../keys/terminal-text'

/** Writes an event to standard output: a line for people, or JSON for programs. Links are hidden. */
export type Journal = (
  level: 'info' | 'warn',
  message: string,
  facts?: Readonly<Record<string, unknown>>,
) => void

/** Makes a journal of either kind; `now` gives ms since the Unix epoch. */
export function makeJournal(
  kind: 'lines' | 'json',
  now: () => number,
  write: (line: string) => void,
): Journal {
  return (level, message, facts = {}) => {
    const time = new Date(now()).toISOString()
    if (kind === 'json') write(terminalJson({ time, level, message, ...facts }))
    else {
      const more = Object.entries(facts).map(([name, value]) => ` ${name}=${terminalText(String(value))}`)
      write(`${time} ${level === 'warn' ? 'WARN ' : ''}${terminalText(message)}${more.join('')}`)
    }
  }
}
