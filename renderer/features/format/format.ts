import type { EditorFeature } from '../../editor/extension'
import { insertRule, toggleCodeBlock, toggleQuote } from './block-commands'
import { setHeading } from './headings'
import { toggleInline } from './inline-commands'
import { link } from './link'
import { wrapInput } from './wrap-input'

/** Formats of words, headings, quotes, code, links and rules, by keys and by the Format menu. */
export const formatting: EditorFeature = {
  extension: wrapInput,
  commands: {
    bold: toggleInline('bold'),
    italic: toggleInline('italic'),
    code: toggleInline('code'),
    strike: toggleInline('strike'),
    highlight: toggleInline('highlight'),
    link,
    'heading-1': setHeading(1),
    'heading-2': setHeading(2),
    'heading-3': setHeading(3),
    'heading-4': setHeading(4),
    'heading-5': setHeading(5),
    'heading-6': setHeading(6),
    paragraph: setHeading(0),
    quote: toggleQuote,
    'code-block': toggleCodeBlock,
    rule: insertRule,
  },
}
