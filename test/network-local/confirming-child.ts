import { say } from '../support/lab/child-side'
import { documentToWrite } from './child-document'

/**
 * Opens a document of a profile and puts in one numbered word after the other at its end. Says up to which one all
 * are saved here, and up to which one all are confirmed by somebody else, each time that it is so.
 */
const { document, first } = await documentToWrite('Ada')
let saved = first - 1
let confirmed = -1
// The last word that is saved is the last one that was written whenever this is looked at.
const look = () => {
  if (saved <= confirmed || document.opened().status.unshared) return
  confirmed = saved
  say({ confirmed })
}
document.on('status', look)
for (let number = first; ; number++) {
  const { length } = document.opened().text
  await document.edit([{ from: length, to: length, insert: `⟦${number}⟧` }])
  await document.saved()
  saved = number
  say({ saved })
  look()
  // With nobody there it does not run ahead for ever: what is confirmed is what is tried here.
  while (saved - confirmed > 40)
    await new Promise<void>((done) => {
      const stop = document.on('status', () => {
        stop()
        done()
      })
    })
}
