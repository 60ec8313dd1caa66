import { constants, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { type FileList, fileListOf } from './manifest'

/** Folder for files that the list of a database does not name. */
const place = 'unknown'

/**
 * Moves the files of a LevelDB database that its list does not name to a folder inside it, and resolves to their new
 * paths: LevelDB would delete them when it opens the database. A killed process leaves some; they are also newer than
 * the list where someone put an older list back. Call it before LevelDB opens the database. Rejects with the system's
 * error.
 */
export async function setUnknownAside(directory: string): Promise<string[]> {
  const list = await fileListOf(directory)
  const unknown = list ? (await readdir(directory)).filter((name) => !isKnown(name, list)) : []
  if (unknown.length === 0) return []
  const folder = join(directory, place)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const taken = new Set(await readdir(folder))
  const moved: string[] = []
  for (const name of unknown) {
    let free = name
    for (let copy = 2; taken.has(free); copy++) free = `${copy}-${name}`
    await rename(join(directory, name), join(folder, free))
    moved.push(join(folder, free))
  }
  return moved
}

/** Moves files that were set aside back to where they were, unless others are there. Rejects with the system's error. */
export async function putBack(directory: string, paths: readonly string[]): Promise<void> {
  const there = new Set(await readdir(directory))
  for (const path of paths) {
    const name = basename(path).replace(/^\d+-/, '')
    if (!there.has(name)) await rename(path, join(directory, name))
  }
}

/**
 * Copies tables and logs that were set aside back into the folder, under numbers that no other file has, so that a list
 * that is rebuilt afterwards includes them. The database must not be open. Rejects with the system's error, and then
 * leaves no copies.
 */
export async function copyBack(directory: string, paths: readonly string[]): Promise<void> {
  let number = Math.max(...(await readdir(directory)).map((name) => numberIn(name) ?? 0))
  const copies: string[] = []
  try {
    for (const path of paths.filter((one) => extname(one) !== '')) {
      const copy = join(directory, `${String(++number).padStart(6, '0')}${extname(path)}`)
      copies.push(copy)
      await copyFile(path, copy, constants.COPYFILE_EXCL)
    }
  } catch (error) {
    for (const copy of copies) await rm(copy, { force: true })
    throw error
  }
}

/** Deletes files that were set aside. Rejects with the system's error. */
export async function deleteAside(directory: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true })
  const folder = join(directory, place)
  if ((await readdir(folder)).length === 0) await rm(folder, { recursive: true })
}

/** Returns the number in the name of a table, log or list; null for other names. */
function numberIn(name: string): number | null {
  const digits = /^(?:(\d+)\.(?:ldb|sst|log)|MANIFEST-(\d+))$/.exec(basename(name))
  return digits ? Number(digits[1] ?? digits[2]) : null
}

function isKnown(name: string, { name: listName, tables, logNumber, previousLog }: FileList): boolean {
  const number = numberIn(name)
  if (number === null) return true
  if (name.startsWith('MANIFEST-')) return name === listName
  if (name.endsWith('.log')) return number >= logNumber || number === previousLog
  return tables.has(number)
}
