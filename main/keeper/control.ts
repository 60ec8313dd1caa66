import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { errorWords } from '../../preload/messages/errors'
import { SwarmpadError } from '../base/errors'

/** Maximum length of a socket's path that all systems allow, in bytes. */
const maxPath = 100
/** Maximum length of a question or an answer, in UTF-16 code units. */
const maxLine = 4 * 1024 * 1024
const isWindows = process.platform === 'win32'
const socketName = 'control.sock'
/** Prefixes of the names of a socket's folder and of a pipe. */
const folderName = 'swarmpad-keeper-'
const pipes = '\\\\.\\pipe\\swarmpad-keeper-'

/** Request to the running keeper. */
export type Question =
  | { readonly name: 'add'; readonly link: string; readonly label: string }
  | { readonly name: 'remove' | 'compact'; readonly id: string }
  | { readonly name: 'status' }

/** Socket path in a profile, open to all users with access to its folder. */
const usualPath = (directory: string): string => join(directory, socketName)

/** Returns true if the system can have a socket in a profile. */
const hasRoom = (directory: string): boolean =>
  !isWindows && Buffer.byteLength(usualPath(directory)) <= maxPath

/** File in a profile with the path of its socket, if that is outside the profile. */
const notePath = (directory: string): string => join(directory, 'control.path')

/** Answers requests until `close`. The caller must have the profile's store open. */
export async function serveControl(
  directory: string,
  answer: (question: Question) => Promise<unknown>,
): Promise<{ close(): Promise<void> }> {
  // A killed keeper leaves its socket; the open store shows that no other keeper runs.
  await removeSocket(directory)
  const path = await makePlace(directory)
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
  // With no file descriptor left, a client gets no answer and can retry.
  server.on('error', () => undefined)
  if (!isWindows) await chmod(path, 0o600)
  return {
    close: async () => {
      server.close()
      await removeSocket(directory)
    },
  }
}

/**
 * Chooses the path of a keeper's socket: in its profile, or in a new private folder if that path is too long;
 * on Windows an unpredictable pipe name. Rejects with the system's error.
 */
async function makePlace(directory: string): Promise<string> {
  if (hasRoom(directory)) return usualPath(directory)
  const path = isWindows
    ? `${pipes}${randomBytes(16).toString('hex')}`
    : join(await mkdtemp(join(shortFolder(), folderName)), socketName)
  await writeFile(notePath(directory), path, { mode: 0o600 })
  return path
}

/** Returns a folder for temporary files with a short name. */
const shortFolder = (): string => (Buffer.byteLength(tmpdir()) <= maxPath / 2 ? tmpdir() : '/tmp')

/** Finds the socket of a profile's keeper; null if it is missing, or another user could have made it. */
async function findSocket(directory: string): Promise<string | null> {
  const noted = await readFile(notePath(directory), 'utf8').catch(() => null)
  if (noted === null) return hasRoom(directory) ? usualPath(directory) : null
  if (isWindows) return noted.startsWith(pipes) ? noted : null
  const isOurs = basename(noted) === socketName && basename(dirname(noted)).startsWith(folderName)
  return isOurs && (await isPrivate(dirname(noted))) ? noted : null
}

/** Resolves to true for a folder that belongs to this user and that other users cannot access. */
async function isPrivate(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null)
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o077) === 0
}

async function removeSocket(directory: string): Promise<void> {
  const path = await findSocket(directory)
  if (path && !isWindows) {
    await rm(path, { force: true })
    if (path !== usualPath(directory)) await rmdir(dirname(path)).catch(() => undefined)
  }
  await rm(notePath(directory), { force: true })
}

/**
 * Asks the keeper that runs in a profile; resolves to null if no keeper runs. Rejects with KEEPER_REFUSED for the
 * error that it answers, or KEEPER_SILENT.
 */
export async function askControl(directory: string, question: Question): Promise<{ value: unknown } | null> {
  const path = await findSocket(directory)
  if (!path) return null
  const socket = createConnection(path)
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  if (!connected) return null
  const line = await new Promise<string>((resolve, reject) => {
    const cut = () => reject(new SwarmpadError('KEEPER_SILENT'))
    socket.once('error', cut)
    socket.once('close', cut)
    readLine(socket, resolve)
    socket.write(`${JSON.stringify(question)}\n`)
  })
  const { value, error } = JSON.parse(line) as { value?: unknown; error?: { message: string } }
  if (error) throw new SwarmpadError('KEEPER_REFUSED', { sentence: error.message })
  return { value }
}

async function reply(line: string, answer: (question: Question) => Promise<unknown>): Promise<string> {
  try {
    const question: unknown = JSON.parse(line)
    if (!isQuestion(question)) throw new SwarmpadError('REQUEST_INVALID')
    return JSON.stringify({ value: (await answer(question)) ?? null })
  } catch (error) {
    const known = error instanceof SwarmpadError ? error : new SwarmpadError('REQUEST_INVALID')
    return JSON.stringify({ error: { code: known.code, message: errorWords(known) } })
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
  const lines = createInterface({ input: socket })
  lines.once('line', take)
  // It repeats the socket's errors, which are handled there.
  lines.on('error', () => undefined)
}
