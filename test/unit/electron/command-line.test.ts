import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../../../main/electron/command-line'

const place = { directory: '/home/ada', appPath: '/opt/swarmpad' }
const parse = (...args: string[]) => parseCommandLine(args, place)
const refused = (...args: string[]) =>
  expect(() => parse(...args)).toThrow(expect.objectContaining({ code: 'ARGUMENTS_INVALID' }))

describe('the command line', () => {
  it('may be empty', () => {
    expect(parse()).toEqual({ profile: null, bootstrap: null, opening: null, lan: true, diagnose: false })
  })

  it('names a profile, from the folder that it was typed in', () => {
    expect(parse('--profile', 'notes/../work').profile).toBe('/home/ada/work')
    expect(parse('--profile=/var/p').profile).toBe('/var/p')
    expect(parse('--profile', 'a', '--profile=b').profile).toBe('/home/ada/b')
    refused('--profile')
    refused('--profile', '--bootstrap')
    refused('--profile', '')
  })

  it('names nodes to begin with', () => {
    expect(parse('--bootstrap', '127.0.0.1:49737,node.example:1').bootstrap).toEqual([
      { host: '127.0.0.1', port: 49737 },
      { host: 'node.example', port: 1 },
    ])
    for (const wrong of [
      '127.0.0.1',
      'host:',
      ':1',
      'host:0',
      'host:65536',
      'host:1,',
      'a b:1',
      'host:1x',
      'http://h:1',
    ])
      refused('--bootstrap', wrong)
  })

  it('names one link or one file', () => {
    const link = 'swarmpad:spw1qqqq'
    expect(parse(link).opening).toEqual({ kind: 'link', link })
    expect(parse('notes.md').opening).toEqual({ kind: 'file', path: '/home/ada/notes.md' })
    expect(parse('/tmp/a b.md').opening).toEqual({ kind: 'file', path: '/tmp/a b.md' })
    refused(link, 'notes.md')
  })

  it('holds what the runtime itself was given, which is left alone', () => {
    const args = [
      '--inspect=0',
      '/opt/swarmpad',
      '--no-sandbox',
      '--user-data-dir=/x',
      'notes.md',
      '--disable-gpu',
      '',
    ]
    expect(parse(...args).opening).toEqual({ kind: 'file', path: '/home/ada/notes.md' })
    // The app's path is the runtime's first argument, not every mention of that folder.
    expect(parse('/opt/swarmpad', '/opt/swarmpad').opening).toEqual({ kind: 'file', path: '/opt/swarmpad' })
    expect(parseCommandLine(['/opt/swarmpad'], { ...place, appPath: null }).opening).not.toBeNull()
  })

  it('takes from a link nothing but the link', () => {
    const link = 'swarmpad:--profile=/etc'
    expect(parse(link)).toEqual({
      profile: null,
      bootstrap: null,
      opening: { kind: 'link', link },
      lan: true,
      diagnose: false,
    })
  })
})
