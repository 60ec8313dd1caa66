import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../../../main/electron/command-line'

const place = { directory: '/home/ada', appPath: '/opt/swarmpad' }
const parse = (...args: string[]) => parseCommandLine(args, place)
const refused = (...args: string[]) =>
  expect(() => parse(...args)).toThrow(expect.objectContaining({ code: 'ARGUMENTS_INVALID' }))

describe('the command line', () => {
  it('may be empty', () => {
    const whole = { profile: null, bootstrap: null, openings: [], lan: true, welcome: true, diagnose: false }
    expect(parse()).toEqual(whole)
    expect(parse('--no-welcome')).toEqual({ ...whole, welcome: false })
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

  it('names links and files, as many as are given', () => {
    const link = 'swarmpad:spw1qqqq'
    expect(parse(link).openings).toEqual([{ kind: 'link', link }])
    expect(parse('notes.md', '/tmp/a b.md', link, 'file:///tmp/%C3%BC%20b.md').openings).toEqual([
      { kind: 'file', path: '/home/ada/notes.md' },
      { kind: 'file', path: '/tmp/a b.md' },
      { kind: 'link', link },
      { kind: 'file', path: '/tmp/ü b.md' },
    ])
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
    expect(parse(...args).openings).toEqual([{ kind: 'file', path: '/home/ada/notes.md' }])
    // The app's path is the runtime's first argument, not every mention of that folder.
    expect(parse('/opt/swarmpad', '/opt/swarmpad').openings).toEqual([
      { kind: 'file', path: '/opt/swarmpad' },
    ])
    expect(parseCommandLine(['/opt/swarmpad'], { ...place, appPath: null }).openings).toHaveLength(1)
  })

  it('takes from a link nothing but the link', () => {
    const link = 'swarmpad:--profile=/etc'
    expect(parse(link)).toEqual({
      profile: null,
      bootstrap: null,
      openings: [{ kind: 'link', link }],
      lan: true,
      welcome: true,
      diagnose: false,
    })
  })
})
