import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, output, root } from './run.mjs'

const refresh = `if command -v update-desktop-database >/dev/null; then update-desktop-database -q /usr/share/applications || true; fi
if command -v update-mime-database >/dev/null; then update-mime-database /usr/share/mime || true; fi
if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -q -f /usr/share/icons/hicolor || true; fi
`

// Chromium's own sandbox needs its helper to belong to root with the set-user-id bit where plain users
// may not make namespaces.
const afterInstall = `#!/bin/sh
set -e
chown root:root /opt/Swarmpad/chrome-sandbox
chmod 4755 /opt/Swarmpad/chrome-sandbox
ln -sf /opt/Swarmpad/swarmpad /usr/bin/swarmpad
${refresh}`

const afterRemove = `#!/bin/sh
set -e
rm -f /usr/bin/swarmpad
${refresh}`

/**
 * Makes a Debian package of the unpacked app: its program, desktop entry, icons, the scheme of its links and the
 * types of its files. One that is not for release says so.
 */
export async function makeDeb({ unpacked, file, version, forRelease }) {
  const work = `${file}.work`
  const opt = join(work, 'opt', 'Swarmpad')
  cpSync(unpacked, opt, { recursive: true })
  write(join(work, 'usr/share/applications/swarmpad.desktop'), desktopEntry())
  write(join(work, 'usr/share/mime/packages/swarmpad.xml'), mimeTypes)
  write(join(work, 'usr/share/doc/swarmpad/copyright'), readFileSync(join(root, 'LICENSE'), 'utf8'))
  for (const icon of readdirSync(join(root, 'assets', 'icons'))) {
    const folder = join(work, 'usr/share/icons/hicolor', icon.replace('.png', ''), 'apps')
    mkdirSync(folder, { recursive: true })
    cpSync(join(root, 'assets', 'icons', icon), join(folder, 'swarmpad.png'))
  }
  const size = output('du', ['-sk', opt])?.split('\t')[0] ?? '0'
  write(join(work, 'DEBIAN/control'), control({ size, version, forRelease }))
  write(join(work, 'DEBIAN/postinst'), afterInstall, 0o755)
  write(join(work, 'DEBIAN/postrm'), afterRemove, 0o755)
  await must('dpkg-deb', ['--build', '--root-owner-group', '-Zgzip', work, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  rmSync(work, { recursive: true })
}

function write(file, text, mode = 0o644) {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text, { mode })
}

function control({ size, version, forRelease }) {
  const note = forRelease ? '' : ' Not for release: built on a substitute runtime.\n'
  return `Package: swarmpad
Version: ${version}${forRelease ? '' : '~notforrelease'}
Architecture: amd64
Maintainer: The Swarmpad founders <founders@swarmpad.invalid>
Installed-Size: ${size}
Section: editors
Priority: optional
Depends: libgtk-3-0 | libgtk-3-0t64, libnss3, libasound2 | libasound2t64, libgbm1, libxss1, libxtst6, libnotify4, xdg-utils
Recommends: libsecret-1-0
Description: Write together with no server between you
 Swarmpad is an editor for people who write together. Share a document by its
 link; everyone holds a copy and goes on writing offline.
${note}`
}

// text/markdown is the system's own.
const mimeTypes = `<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="application/x-swarmpad">
    <comment>Swarmpad backup</comment>
    <magic><match type="string" offset="0" value="swarmpad backup"/></magic>
    <glob pattern="*.swarmpad"/>
  </mime-type>
</mime-info>
`

/** The entry of the desktop. Links come as addresses, and files as addresses too where a link could: hence %U. */
// %U passes links and files as addresses; %F would not pass links.
function desktopEntry() {
  return `[Desktop Entry]
Type=Application
Name=Swarmpad
Comment=Write together with no server between you
Exec=/opt/Swarmpad/swarmpad %U
Icon=swarmpad
Terminal=false
Categories=Office;TextEditor;
MimeType=x-scheme-handler/swarmpad;text/markdown;application/x-swarmpad;
StartupWMClass=Swarmpad
`
}
