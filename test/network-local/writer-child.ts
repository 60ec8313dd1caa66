import { documentToWrite } from './child-document'

/** Opens a document of a profile and puts in one numbered word after the other; says each one that is saved. */
const { document, first } = await documentToWrite('Cy')
for (let number = first; ; number++) {
  await document.edit([{ from: 0, to: 0, insert: `⟦${number}⟧` }])
  await document.saved()
  process.stdout.write(`${number}\n`)
}
