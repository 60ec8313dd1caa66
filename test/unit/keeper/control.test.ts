import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { askControl, type Question, serveControl } from '../../../main/keeper/control'

let folder: string
/** Of a profile whose name is too long for a socket in it. */
let long: string
const ends: (() => unknown)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-control-'))
  long = join(folder, 'x'.repeat(100))
  await mkdir(long)
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await rm(folder, { recursive: true })
})

async function serve(directory: string, heard: Question[] = []) {
  const control = await serveControl(directory, async (question) => {
    heard.push(question)
    return 'here'
  })
  ends.push(() => control.close())
  return control
}

/** A socket at a path that answers whoever asks, as somebody else may make. */
async function squat(path: string, heard: string[]): Promise<void> {
  const server: Server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (data) => {
        heard.push(String(data))
        socket.end('{"value":"not here"}\n')
      })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  ends.push(() => server.close())
}

const question = { name: 'add', link: 'a secret', label: '' } as const

describe.skipIf(process.platform === 'win32')('the socket of a keeper', () => {
  it('of a profile with a short name lies in it, for its owner alone', async () => {
    await serve(folder)
    expect((await stat(join(folder, 'control.sock'))).mode & 0o077).toBe(0)
    expect(await askControl(folder, question)).toEqual({ value: 'here' })
  })

  it('of one with a long name lies in a folder that nobody else can know or look into', async () => {
    const control = await serve(long)
    const path = await readFile(join(long, 'control.path'), 'utf8')
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
    expect((await stat(join(long, 'control.path'))).mode & 0o077).toBe(0)
    expect(await askControl(long, question)).toEqual({ value: 'here' })
    await control.close()
    expect(await readdir(long)).toEqual([])
    await expect(stat(dirname(path))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await askControl(long, question)).toBeNull()
    await serve(long)
    expect(await readFile(join(long, 'control.path'), 'utf8')).not.toBe(path)
  })

  it('takes the place of what a keeper left that was killed', async () => {
    for (const directory of [folder, long]) {
      await serve(directory)
      await serve(directory)
      expect(await askControl(directory, question)).toEqual({ value: 'here' })
    }
  })

  it('is not asked where others can look into its folder, or where no keeper makes one', async () => {
    const heard: string[] = []
    const open = await mkdtemp(join(folder, 'swarmpad-keeper-'))
    await squat(join(open, 'control.sock'), heard)
    await writeFile(join(long, 'control.path'), join(open, 'control.sock'))
    expect(await askControl(long, question)).toEqual({ value: 'not here' })
    await chmod(open, 0o755)
    expect(await askControl(long, question)).toBeNull()
    const other = await mkdtemp(join(folder, 'other-'))
    await squat(join(other, 'control.sock'), heard)
    await writeFile(join(long, 'control.path'), join(other, 'control.sock'))
    expect(await askControl(long, question)).toBeNull()
    expect(heard.length).toBe(1)
    // Nor is anything of it removed by the keeper that starts.
    await serve(long)
    expect((await stat(join(other, 'control.sock'))).isSocket()).toBe(true)
  })

  it('carries an error with its code and its words, as keepers and clients of other versions do', async () => {
    const control = await serveControl(folder, () =>
      Promise.reject(new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'keeper' })),
    )
    ends.push(() => control.close())
    const words = 'No document has this id: see list.'
    await expect(askControl(folder, question)).rejects.toMatchObject({ data: { sentence: words } })
    const socket = new Socket().connect(join(folder, 'control.sock'))
    const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))
    socket.write('{"name":"status"}\n')
    const answer = JSON.parse(await answered)
    expect(answer).toEqual({ error: { code: 'DOCUMENT_UNKNOWN', message: words } })
    socket.destroy()
  })

  it('goes on when one who asks is cut off', async () => {
    const heard: Question[] = []
    await serve(folder, heard)
    for (let n = 0; n < 20; n++) {
      const socket = new Socket().on('error', () => undefined)
      await new Promise<void>((resolve) => socket.connect(join(folder, 'control.sock'), resolve))
      socket.write('{"name":"status"}\n{"name":"status"}\n')
      socket.destroy()
    }
    await vi.waitFor(async () => expect(await askControl(folder, question)).toEqual({ value: 'here' }))
  })
})
