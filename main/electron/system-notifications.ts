import { app, BrowserWindow, Notification } from 'electron'
import type { DocumentId } from '../../preload/contract/ids'
import { systemEnvironment } from '../base/environment'
import type { Workspace } from '../workspace/workspace'
import { Notifications } from './notifications'

/** Starts the notifications of the system. A click on one calls `onClick` with its document; null for several. */
export function systemNotifications(
  workspace: Workspace,
  onClick: (id: DocumentId | null) => void,
): Notifications {
  // One that nothing refers to is collected, and a click on it would do nothing.
  const shown = new Set<Notification>()
  const notifications = new Notifications({
    clock: systemEnvironment.clock,
    settings: () => workspace.settings.value,
    othersEditedAt: (id) => workspace.othersEditedAt(id),
    hasOthersWords: (id) => workspace.hasOthersWords(id),
    isFocused: () => BrowserWindow.getFocusedWindow() !== null,
    show: (body, id) => {
      if (!Notification.isSupported()) return
      const notification = new Notification({ title: app.name, body })
      shown.add(notification)
      notification.on('close', () => shown.delete(notification))
      notification.on('click', () => onClick(id))
      notification.show()
    },
  })
  app.on('browser-window-focus', () => {
    notifications.focused()
    for (const notification of shown) notification.close()
    shown.clear()
  })
  if (workspace.settings.value.notify) notifications.note(workspace.summaries())
  return notifications
}
