import { DiskProfile } from '../support/disk-profile'
import { docCount, expectedAfter, stateOf, stepOf } from './arranging-steps'

const [directory = '', done = '0'] = process.argv.slice(2)
const say = (line: string | number) => process.stdout.write(`${line}\n`)

/**
 * Arranges, removes and restores documents, and says the number of each step that is done. `done` steps were said to be
 * done by the runs before; one more may have been done.
 */
async function arrange(): Promise<void> {
  const { workspace } = await DiskProfile.open({ directory, name: 'Ada' })
  for (let count = workspace.documents().length + workspace.removed().length; count < docCount; count++)
    await (await workspace.createDocument({ text: `# Document ${count}` })).close()
  const found = JSON.stringify(stateOf(workspace))
  const step = [Number(done), Number(done) + 1].find((n) => JSON.stringify(expectedAfter(n)) === found)
  say(step === undefined ? `wrong: ${found}` : `found ${step}`)
  for (let number = step ?? 0; ; number++) {
    await stepOf(workspace, number)
    say(number + 1)
  }
}

void arrange()
