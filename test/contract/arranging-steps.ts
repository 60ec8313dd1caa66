import type { Workspace } from '../../main/workspace/workspace'

/** Documents that are arranged. */
export const docCount = 3

/** The documents as a person sees them, by title. */
export interface SeenState {
  readonly [title: string]: { readonly folder: string; readonly removed: boolean }
}

/** Returns the state after a number of steps: each document in turn is put into a folder, removed and restored. */
export function expectedAfter(steps: number): SeenState {
  const state: Record<string, { folder: string; removed: boolean }> = {}
  for (let place = 0; place < docCount; place++) state[`Document ${place}`] = { folder: '', removed: false }
  for (let number = 0; number < steps; number++) {
    const seen = state[titleOf(number)]
    if (!seen) continue
    const turn = turnOf(number)
    if (turn === 0) seen.folder = folderOf(number)
    else seen.removed = turn === 1
  }
  // Where a removed document would be restored to is not shown.
  for (const seen of Object.values(state)) if (seen.removed) seen.folder = ''
  return state
}

/** Does one step. */
export async function stepOf(workspace: Workspace, number: number): Promise<void> {
  const id = [...workspace.summaries(), ...workspace.removed()].find(
    ({ title }) => title === titleOf(number),
  )?.id
  if (id === undefined) throw new Error('a document is gone')
  const turn = turnOf(number)
  if (turn === 0) await workspace.arrange([id], { folder: folderOf(number) })
  else if (turn === 1) await workspace.removeDocuments([id])
  else await workspace.restoreDocuments([id])
}

/** Returns the present state of a workspace. */
export function stateOf(workspace: Workspace): SeenState {
  const seen = [
    ...workspace.summaries().map(({ title, folder }) => [title, { folder, removed: false }] as const),
    ...workspace.removed().map(({ title }) => [title, { folder: '', removed: true }] as const),
  ]
  return Object.fromEntries(seen.sort(([one], [two]) => (one < two ? -1 : 1)))
}

const titleOf = (number: number): string => `Document ${number % docCount}`
const turnOf = (number: number): number => Math.floor(number / docCount) % 3
const folderOf = (number: number): string => `Folder ${number}`
