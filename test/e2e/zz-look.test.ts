import { it } from 'vitest'
import { Room } from '../support/app'
import { resize } from '../../scripts/lib/app.mjs'
it('look', async () => {
  const room = new Room(); await room.open()
  try {
    for (const dark of [false, true]) {
      const ada = await room.desk({ name: 'Ada', dark })
      await ada.create()
      const { keyboard } = ada.page
      await keyboard.type('Autumn plan')
      await keyboard.press('Alt+1')
      await keyboard.press('End'); await keyboard.press('Enter')
      await keyboard.press('Enter')
      await keyboard.type('We open the gates at two, whatever the weather.')
      await keyboard.press('Enter'); await keyboard.press('Enter')
      await keyboard.press('Control+Shift+9')
      await keyboard.type('Ask for benches')
      await keyboard.press('Enter')
      await keyboard.type('Buy apples'); await keyboard.press('Control+Enter')
      await keyboard.press('Enter'); await keyboard.press('Tab'); await keyboard.type('forty kilos')
      await keyboard.press('Enter'); await keyboard.press('Enter'); await keyboard.press('Enter')
      await keyboard.type('The hall and the hall again')
      console.log(JSON.stringify(await ada.text()))
      await ada.page.screenshot({ path: `/tmp/hands-${dark}-1.png` })
      await ada.page.keyboard.press('Control+Shift+ArrowLeft'); 
      for (let i = 0; i < 2; i++) await keyboard.press('Control+Shift+ArrowLeft')
      await ada.page.locator('.selection-bar').waitFor()
      await keyboard.press('Control+b')
      await ada.page.screenshot({ path: `/tmp/hands-${dark}-2.png` })
      await keyboard.press('Escape'); 
      await keyboard.press('ArrowRight')
      await keyboard.press('ArrowLeft'); await keyboard.press('ArrowLeft')
      for (let i = 0; i < 2; i++) await keyboard.press('Control+ArrowLeft')
      await keyboard.press('Control+d'); await keyboard.press('Control+d'); await keyboard.press('Control+d')
      await keyboard.press('Control+s')
      await ada.page.screenshot({ path: `/tmp/hands-${dark}-3.png` })
      await keyboard.type('X')
      await ada.page.screenshot({ path: `/tmp/hands-${dark}-4.png` })
      console.log(JSON.stringify(await ada.text()), ada.errors)
      await resize(ada.app, 800, 600).catch(() => 0)
      await keyboard.press('Escape'); await keyboard.press('Control+Home'); await keyboard.press('Shift+End')
      await ada.page.locator('.selection-bar').waitFor()
      await ada.page.screenshot({ path: `/tmp/hands-${dark}-5.png` })
      await ada.kill()
    }
  } finally { await room.close() }
})
