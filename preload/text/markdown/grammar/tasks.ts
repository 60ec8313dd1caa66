import type { MarkdownConfig } from '@lezer/markdown'

/**
 * The box of a task, as the source of an expression. GitHub's holds one character; if several people tick one task
 * at once, the merged box holds one of each of them, and is still a box.
 */
export const taskBox = String.raw`\[[ xX]{1,16}\]`

const taskStart = new RegExp(`^${taskBox}(?=[ \\t])`)

/** Returns true for a box with a tick. */
export const isTicked = (box: string): boolean => /x/i.test(box)

/** Tasks with boxes as in `taskBox`, in place of the parser with this name in GitHub's additions; same nodes. */
export const tasks: MarkdownConfig = {
  parseBlock: [
    {
      name: 'TaskList',
      after: 'SetextHeading',
      leaf(cx, { content }) {
        const box = cx.parentType().name === 'ListItem' ? taskStart.exec(content)?.[0].length : undefined
        if (box === undefined) return null
        return {
          nextLine: () => false,
          finish(context, leaf) {
            const text = leaf.start + box
            context.addLeafElement(
              leaf,
              context.elt('Task', leaf.start, leaf.start + leaf.content.length, [
                context.elt('TaskMarker', leaf.start, text),
                ...context.parser.parseInline(leaf.content.slice(box), text),
              ]),
            )
            return true
          },
        }
      },
    },
  ],
}
