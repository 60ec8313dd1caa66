import type { Person } from '../../preload/contract/document'

/** A person in a document, with some of their facts. */
export const person = (name: string, facts: Partial<Person> = {}): Person => ({
  key: `channel of ${name}`,
  name,
  fingerprint: `print of ${name}`,
  own: false,
  role: 'write',
  color: 1,
  hasMine: true,
  ...facts,
})
