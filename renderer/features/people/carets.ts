import type { Person } from '../../../preload/contract/document'
import type { EditorEvents, EditorFeature } from '../../editor/extension'
import { caretField, setCarets } from './caret-field'
import { caretLayers } from './caret-layers'
import { nameNote, personWords, sharedNames } from './people'

/** Shows other people's carets and selections with their names. */
export const carets: EditorFeature = {
  extension: caretLayers,
  attach(view, session) {
    let people: readonly Person[] = []
    let latest: EditorEvents['carets'] = { version: 0, carets: [] }
    /** The latest carets are not drawn, as their version is still to come; those on screen move with the text. */
    let waits = false

    const draw = (): void => {
      if (latest.version > session.version) return
      // Once they are drawn, the text moves them: their version may be long ago.
      const drawn = new Map(waits ? [] : view.state.field(caretField).map((caret) => [caret.key, caret]))
      waits = false
      const byKey = new Map(people.map((person) => [person.key, person]))
      const shared = sharedNames(people)
      const placed = latest.carets.flatMap(({ key, ...caret }) => {
        const person = byKey.get(key)
        const from = drawn.get(key)?.anchor ?? session.place(caret.anchor, latest.version)
        const to = drawn.get(key)?.head ?? session.place(caret.head, latest.version)
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
        waits = true
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
