import type { Person } from '../../../preload/contract/document'
import type { EditorEvents, EditorFeature } from '../../editor/extension'
import { setCarets } from './caret-field'
import { caretLayers } from './caret-layers'
import { nameNote, personWords, sharedNames } from './people'

/** Shows other people's carets and selections with their names. */
export const carets: EditorFeature = {
  extension: caretLayers,
  attach(view, session) {
    let people: readonly Person[] = []
    let latest: EditorEvents['carets'] = { version: 0, carets: [] }
    /** The carets stand in a version that is still to come; until then those on screen move with the text. */
    let waits = false

    const draw = (): void => {
      waits = latest.version > session.version
      if (waits) return
      const byKey = new Map(people.map((person) => [person.key, person]))
      const shared = sharedNames(people)
      const placed = latest.carets.flatMap(({ key, anchor, head }) => {
        const person = byKey.get(key)
        const from = session.place(anchor, latest.version)
        const to = session.place(head, latest.version)
        if (!person || from === null || to === null) return []
        const words = personWords(person)
        const label = nameNote(person, shared) ? `${words} · ${person.fingerprint}` : words
        return [{ key, label, color: person.color, anchor: from, head: to }]
      })
      view.dispatch({ effects: setCarets.of(placed) })
    }

    const stops = [
      session.on('people', (present) => {
        people = present
        draw()
      }),
      session.on('carets', (event) => {
        latest = event
        draw()
      }),
      session.on('version', () => {
        if (waits) draw()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  },
}
