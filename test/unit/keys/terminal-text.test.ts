import { describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { failureOf, failureText } from '../../../main/electron/failure-page'
import { fileNameFor } from '../../../main/files/file-name'
import { makeJournal } from '../../../main/keeper/journal'
import { type DocumentState, documentWords } from '../../../main/keeper/state'
import { keysFromWrite } from '../../../main/keys/derive'
import { formatLink } from '../../../main/keys/link'
import { terminalJson, terminalText } from '../../../main/keys/terminal-text'

const link = formatLink(keysFromWrite(Buffer.alloc(32, 7)), 'write')
const secret = link.slice(20, 40)
/** Clears the screen, colours, begins another line, turns the direction, rings; also by single bytes beyond ASCII. */
const steering = 'a\u001b[2Jb\u009b31mc\r\nd\u202ee\u0007f\u2028g\u007fh'
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

describe('a text from outside on a terminal', () => {
  it('moves no cursor and begins no line', () => {
    expect(terminalText(steering)).toBe(
      'a\\u001b[2Jb\\u009b31mc\\u000d\\u000ad\\u202ee\\u0007f\\u2028g\\u007fh',
    )
    expect(terminalText('Grüße, 안녕 👩‍👩‍👧')).toBe('Grüße, 안녕 👩‍👩‍👧')
    expect(terminalText('o'.repeat(5_000))).toHaveLength(1_001)
    expect(terminalText(`<${link}>\n`)).toBe('<swarmpad:…>\\u000a')
  })

  it('is JSON that says the same, without links', () => {
    const json = terminalJson({ label: steering, of: [`(${link})`], count: 3, none: null })
    expect(json).not.toMatch(control)
    expect(JSON.parse(json)).toEqual({ label: steering, of: ['(swarmpad:…)'], count: 3, none: null })
  })

  it('stands so in a journal of either kind', () => {
    const lines: string[] = []
    for (const kind of ['lines', 'json'] as const)
      makeJournal(
        kind,
        () => 0,
        (line) => lines.push(line),
      )('warn', `of “${link}”`, { label: steering, file: `<${link}>` })
    expect(lines).toHaveLength(2)
    for (const line of lines) {
      expect(line).not.toMatch(control)
      expect(line).not.toContain(secret)
    }
  })

  it('stands so in what a keeper says of its documents', () => {
    const document = {
      id: 'ab'.repeat(32),
      label: steering,
      fingerprint: 'abc',
      running: true,
      problem: `<${link}>`,
    }
    const words = documentWords({
      ...document,
      bytes: 0,
      snapshot: 0,
      full: null,
      damaged: false,
    } as DocumentState)
    expect(words).not.toMatch(control)
    expect(words).not.toContain(secret)
    expect(words).toContain('[2Jb')
  })

  it('stands so in why the program cannot start, and in names of files', () => {
    const failure = failureOf(new SwarmpadError('NODE_INVALID', { text: link }), `/home/${link}/a\nb`)
    expect(JSON.stringify(failure)).not.toContain(secret)
    expect(failureText(failure).split('\n')).toHaveLength(2)
    expect(fileNameFor(`See ${link}`)).toBe('See swarmpad ….md')
  })
})
