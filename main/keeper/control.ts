import { createHash } from 'node:crypto'
import { chmod, rm } from 'node:fs/promises'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SwarmpadError } from '../errors'
import { errorCode } from './error-code'

/** Sockets have short names on all systems, in bytes. */
const maxPath = 100
/** A question or an answer is no longer, in characters. */
const maxLine = 4 * 1024 * 1024

/** What is asked of the keeper that runs. */
export type Question =
  | { readonly name: 'add'; readonly link: string; readonly label: string }
  | { readonly name: 'remove' | 'compact'; readonly id: string }
  | { readonly name: 'status' }

/** Where the keeper that runs in a profile is asked: a socket in it that its owner alone can use. */
export function controlPath(directory: string): string {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16)
  if (process.platform === 'win32') return `\\\\.\\pipe\\swarmpad-keeper-${name}`
  const path = join(directory, 'control.sock')
  return Buffer.byteLength(path) <= maxPath ? path : join(tmpdir(), `swarmpad-keeper-${name}.sock`)
}

/** Answers questions until it is closed. To be opened only by who holds the profile's store. */
export async function serveControl(
  directory: string,
  answer: (question: Question) => Promise<unknown>,
): Promise<Server> {
  const path = controlPath(directory)
  // One that was killed leaves its socket; the store says that no other runs.
  if (process.platform !== 'win32') await rm(path, { force: true })
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    readLine(socket, (line) => {
      void reply(line, answer).then((text) => socket.end(`${text}\n`))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  if (process.platform !== 'win32') await chmod(path, 0o600)
  return server
}

/** Asks the keeper that runs in a profile; null when none does. Rejects with what it answers. */
export async function askControl(directory: string, question: Question): Promise<{ value: unknown } | null> {
  const socket = createConnection(controlPath(directory))
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  if (!connected) return null
  const line = await new Promise<string>((resolve, reject) => {
    const cut = () => reject(new SwarmpadError('CLOSED', 'The keeper that runs did not answer.'))
    socket.once('error', cut)
    socket.once('close', cut)
    readLine(socket, resolve)
    socket.write(`${JSON.stringify(question)}\n`)
  })
  const { value, error } = JSON.parse(line) as { value?: unknown; error?: { code: string; message: string } }
  if (error) throw new SwarmpadError(errorCode(error.code), error.message)
  return { value }
}

async function reply(line: string, answer: (question: Question) => Promise<unknown>): Promise<string> {
  try {
    const question: unknown = JSON.parse(line)
    if (!isQuestion(question)) throw new SwarmpadError('INVALID', 'There is no such question.')
    return JSON.stringify({ value: (await answer(question)) ?? null })
  } catch (error) {
    const known =
      error instanceof SwarmpadError ? error : new SwarmpadError('INVALID', 'This cannot be read.')
    return JSON.stringify({ error: { code: known.code, message: known.message } })
  }
}

function isQuestion(question: unknown): question is Question {
  if (typeof question !== 'object' || question === null) return false
  const { name, link, label, id } = question as Record<string, unknown>
  if (name === 'status') return true
  if (name === 'add') return typeof link === 'string' && typeof label === 'string'
  return (name === 'remove' || name === 'compact') && typeof id === 'string'
}

function readLine(socket: Socket, take: (line: string) => void): void {
  let size = 0
  socket.on('data', (data: Buffer) => {
    size += data.length
    if (size > maxLine) socket.destroy()
  })
  createInterface({ input: socket }).once('line', take)
}
