import type { BackupFile } from '../../../preload/contract/backup'
import { maxFiles, maxPicture, type OpenedFiles } from '../../../preload/contract/files'
import type { DocumentId } from '../../../preload/contract/ids'
import type { Api } from '../../api'
import { valueOrToast } from '../../state/outcomes'
import type { Toasts } from '../toasts/toasts.svelte'

/** Number of problems that get a sentence each. */
const maxTold = 3

/** The window around the files. */
export interface FilesHost {
  show(id: DocumentId): void
  /** Asks for the passphrase of a sealed file. */
  choose(file: BackupFile): void
}

/** Files that the person chooses, pastes or drops on the window. */
export class FilesState {
  private readonly api: Api
  private readonly toasts: Toasts
  private readonly host: FilesHost

  constructor(api: Api, toasts: Toasts, host: FilesHost) {
    this.api = api
    this.toasts = toasts
    this.host = host
  }

  /** Listens from then on; the result stops listening. */
  start(): () => void {
    return this.api.on('filesOpened', (opened) => this.show(opened))
  }

  /** Asks for files and opens them; with `sealed` for one backup. */
  async choose(sealed: boolean): Promise<void> {
    const opened = valueOrToast(await this.api.call('openFile', sealed), this.toasts)
    if (opened) this.show(opened.value)
  }

  /** Opens files that were pasted or dropped; of pictures it says that they come later. */
  async open(files: readonly File[]): Promise<void> {
    const others = this.withoutPictures(files)
    if (others.length === 0) return
    const opened = valueOrToast(await this.api.call('openFiles', others), this.toasts)
    if (opened) this.show(opened.value)
  }

  /** Returns the texts of files that were dropped, and says which have none. */
  async read(files: readonly File[]): Promise<readonly string[]> {
    const others = this.withoutPictures(files)
    if (others.length === 0) return []
    const read = valueOrToast(await this.api.call('readFiles', others), this.toasts)
    this.tellProblems(read?.value.problems ?? [])
    return read?.value.texts ?? []
  }

  private show({ documents, backup, problems }: OpenedFiles): void {
    const [first] = documents
    if (first !== undefined) this.host.show(first)
    if (documents.length > 1) this.toasts.tell(`${documents.length} documents were added to the library.`)
    this.tellProblems(problems)
    if (backup) this.host.choose(backup)
  }

  /** Tells all problems in one message: a hundred of them would cover the window. */
  private tellProblems(problems: readonly string[]): void {
    if (problems.length === 0) return
    const more = problems.length - maxTold
    const files = more === 1 ? 'one more file' : `${more} more files`
    const rest = more > 0 ? [`And ${files} could not be opened.`] : []
    this.toasts.fail([...problems.slice(0, maxTold), ...rest].join(' '))
  }

  /** Offers to save the pictures among files; returns the others, as many as can be opened at once. */
  private withoutPictures(files: readonly File[]): File[] {
    const pictures = files.filter(({ type }) => type.startsWith('image/'))
    if (pictures.length > 0) this.offerToSave(pictures)
    const others = files.filter((file) => !pictures.includes(file))
    if (others.length > maxFiles)
      this.toasts.fail(`Only the first ${maxFiles} of ${others.length} files are opened.`)
    return others.slice(0, maxFiles)
  }

  private offerToSave(pictures: readonly File[]): void {
    const [label, it] = pictures.length === 1 ? ['Save the picture…', 'it'] : ['Save the pictures…', 'them']
    const save = async () => {
      for (const picture of pictures) await this.savePicture(picture)
    }
    this.toasts.tell(
      `Pictures cannot be in a document yet; they come in a later version. You can save ${it} as a file.`,
      {
        label,
        run: () => void save(),
      },
    )
  }

  private async savePicture(picture: File): Promise<void> {
    if (picture.size > maxPicture) {
      this.toasts.fail('The picture is larger than 64 MB. That is too much to be saved from here.')
      return
    }
    const bytes = new Uint8Array(await picture.arrayBuffer())
    const saved = valueOrToast(
      await this.api.call('savePicture', picture.name.slice(0, 255), bytes),
      this.toasts,
    )
    if (saved && saved.value.path !== null) this.toasts.tell(`The picture was saved as ${saved.value.path}`)
  }
}
