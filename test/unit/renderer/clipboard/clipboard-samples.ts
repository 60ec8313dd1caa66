/** HTML as programs put it on the clipboard, with the Markdown that it means. */
export const samples: readonly { readonly from: string; readonly html: string; readonly markdown: string }[] =
  [
    {
      from: 'Google Docs',
      html: `<meta charset='utf-8'><meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-5e0c1b2a-7fff-1234"><h1 dir="ltr" style="line-height:1.38;margin-top:20pt;margin-bottom:6pt;"><span style="font-size:20pt;font-family:Arial,sans-serif;color:#000000;background-color:transparent;font-weight:400;font-style:normal;font-variant:normal;text-decoration:none;vertical-align:baseline;white-space:pre;white-space:pre-wrap;">The plan</span></h1><p dir="ltr" style="line-height:1.38;"><span style="font-size:11pt;font-weight:400;font-style:normal;text-decoration:none;">Some </span><span style="font-size:11pt;font-weight:700;font-style:normal;text-decoration:none;">bold</span><span style="font-weight:700;font-style:italic;">, both</span><span style="font-weight:400;font-style:italic;"> and soft</span><span style="font-weight:400;text-decoration:line-through;"> gone</span><span style="font-family:'Roboto Mono',monospace;font-weight:400;"> a_b</span><span style="font-weight:400;"> and a </span><a href="https://example.org/x" style="text-decoration:none;"><span style="font-weight:400;text-decoration:underline;">link</span></a><span style="font-weight:400;">.</span></p><br /><ul style="margin-top:0;padding-inline-start:48px;"><li dir="ltr" style="list-style-type:disc;" aria-level="1"><p dir="ltr" role="presentation"><span style="font-weight:400;">one</span></p></li><ul><li dir="ltr" aria-level="2"><p dir="ltr" role="presentation"><span style="font-weight:400;">within</span></p></li></ul><li dir="ltr" aria-level="1"><p dir="ltr" role="presentation"><span style="font-weight:400;">two</span></p></li></ul><ul style="padding-inline-start:28px;"><li dir="ltr" role="checkbox" aria-checked="true" aria-level="1"><img src="data:image/png;base64,iVBORw0KGgo=" width="18.4px" height="18.4px" alt="checked" aria-roledescription="checkbox" /><p dir="ltr" role="presentation"><span style="font-weight:400;text-decoration:line-through;">done</span></p></li><li dir="ltr" role="checkbox" aria-checked="false"><img src="data:image/png;base64,iVBORw0KGgo=" alt="unchecked" /><p dir="ltr" role="presentation"><span>open</span></p></li></ul><div dir="ltr" style="margin-left:0pt;" align="left"><table style="border:none;border-collapse:collapse;"><colgroup><col width="100" /><col width="100" /></colgroup><tbody><tr style="height:0pt"><td style="border-left:solid #000000 1pt;"><p dir="ltr"><span style="font-weight:700;">Name</span></p></td><td><p dir="ltr"><span>Sum</span></p></td></tr><tr><td><p dir="ltr"><span>a|b</span></p></td><td><p dir="ltr"><span>1</span></p><p dir="ltr"><span>2</span></p></td></tr></tbody></table></div></b><br class="Apple-interchange-newline">`,
      markdown: `# The plan

Some **bold, _both_** *and soft* ~~gone~~ \`a_b\` and a [link](https://example.org/x).

- one
  - within
- two
- [x] ~~done~~
- [ ] open

| **Name** | Sum |
| - | - |
| a\\|b | 1 2 |`,
    },
    {
      from: 'Word',
      html: `<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta http-equiv=Content-Type content="text/html; charset=utf-8"><meta name=Generator content="Microsoft Word 15"><!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]--><style><!-- p.MsoNormal {margin:0cm;} @list l0 {mso-list-id:1;} --></style></head><body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<p class=MsoTitle>Report<o:p></o:p></p>
<h2><span style='mso-fareast-font-family:"Times New Roman"'>First part<o:p></o:p></span></h2>
<p class=MsoNormal>A <b style='mso-bidi-font-weight:normal'>bold</b> and <i
style='mso-bidi-font-style:normal'>soft</i> word, <a href="https://example.org/"><span style='color:blue'>linked</span></a><a name="_Toc1"></a>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol;mso-fareast-font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>one<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;mso-list:l0 level2 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>first within<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;mso-list:l0 level2 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>2.<span>&nbsp;&nbsp; </span></span><![endif]>second within<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span>&nbsp; </span></span><![endif]>two<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0><tr style='mso-yfti-irow:0'><td width=200 valign=top><p class=MsoNormal>A<o:p></o:p></p></td><td><p class=MsoNormal>B<o:p></o:p></p></td></tr><tr><td><p class=MsoNormal>1<o:p></o:p></p></td><td><p class=MsoNormal><o:p>&nbsp;</o:p></p></td></tr></table>
<!--EndFragment--></body></html>`,
      markdown: `# Report

## First part

A **bold** and *soft* word, [linked](https://example.org/).

- one
  1. first within
  2. second within
- two

| A | B |
| - | - |
| 1 | |`,
    },
    {
      from: 'a page in Chrome',
      html: `<meta charset='utf-8'><h2 style="box-sizing: border-box; font-weight: 600; color: rgb(31, 35, 40);"><a id="user-content-use" class="anchor" aria-label="Permalink: Use" href="https://github.com/a/b#use"><svg class="octicon"><path d="m7"></path></svg></a>Use</h2><p style="font-family: -apple-system, sans-serif; font-weight: 400; white-space: normal;">Run <code style="font-family: ui-monospace, monospace;">npm start</code> and read <a href="https://github.com/a/b" rel="nofollow" style="color: blue;">the <strong style="font-weight: 600;">docs</strong></a>.</p><div class="highlight highlight-source-shell" dir="auto"><pre>npm install
npm <span class="pl-c1">test</span></pre><div class="zeroclipboard-container"><clipboard-copy aria-label="Copy"><svg></svg></clipboard-copy></div></div><ul class="contains-task-list"><li class="task-list-item"><input type="checkbox" class="task-list-item-checkbox" disabled checked> done</li><li><input type="checkbox" disabled> open</li></ul><blockquote><p>quoted</p></blockquote><p><img src="https://example.org/a.png" alt="A picture" width="200"></p><table><thead><tr><th align="left">A</th><th align="right">B</th></tr></thead><tbody><tr><td align="left">1</td><td align="right">2</td></tr></tbody></table>`,
      markdown: `## Use

Run \`npm start\` and read [the **docs**](https://github.com/a/b).

\`\`\`shell
npm install
npm test
\`\`\`

- [x] done
- [ ] open

> quoted

![A picture](https://example.org/a.png)

| A | B |
| :- | -: |
| 1 | 2 |`,
    },
    {
      from: 'words of a page in Chrome',
      html: `<meta charset='utf-8'><span style="color: rgb(32, 33, 34); font-family: sans-serif; font-size: 16px; font-style: normal; font-weight: 400; letter-spacing: normal; text-decoration-style: initial; display: inline !important; float: none;">just some<span>&nbsp;</span></span><i style="font-size: 16px;">words</i>`,
      markdown: 'just some *words*',
    },
    {
      from: 'Excel',
      html: `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta name=ProgId content=Excel.Sheet><style><!--table {mso-displayed-decimal-separator:"\\.";} td {padding-top:1px;}--></style></head><body link="#0563C1"><table border=0 cellpadding=0 cellspacing=0 width=192 style='border-collapse:collapse;width:144pt'><!--StartFragment--><col width=64 span=3 style='width:48pt'><tr height=20 style='height:15.0pt'><td height=20 class=xl65 width=64>Item</td><td class=xl65 width=64>Sum</td><td></td></tr><tr height=20><td height=20>Tea_1</td><td align=right x:num>1.5</td><td>=A1*2</td></tr><!--EndFragment--></table></body></html>`,
      markdown: `| Item | Sum | |
| - | -: | - |
| Tea_1 | 1.5 | =A1\\*2 |`,
    },
    {
      from: 'LibreOffice Calc',
      html: `<!DOCTYPE html><html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"/><title></title><meta name="generator" content="LibreOffice 7.4 (Linux)"/><style type="text/css">body,div,table { font-family:"Liberation Sans"; font-size:x-small }</style></head><body><table cellspacing="0" border="0"><colgroup span="2" width="85"></colgroup><tr><td height="17" align="left" valign=bottom><b>a</b></td><td align="left" valign=bottom><font face="Arial">b</font></td></tr><tr><td height="17" align="right" valign=bottom sdval="1" sdnum="1031;">1</td><td align="right" sdval="2">2</td></tr></table></body></html>`,
      markdown: `| **a** | b |
| :- | :- |
| 1 | 2 |`,
    },
    {
      from: 'LibreOffice Writer',
      html: `<!DOCTYPE html><html><head><style type="text/css">p { margin-bottom: 0.25cm }</style></head><body lang="en-GB" dir="ltr"><h1 class="western">Title</h1><p style="line-height: 100%; margin-bottom: 0cm">Some <b>bold</b> <font face="Liberation Mono, monospace">code</font></p><ol><li><p style="margin-bottom: 0cm">one</p></li><li><p style="margin-bottom: 0cm">two</p></li></ol></body></html>`,
      markdown: `# Title

Some **bold** \`code\`

1. one
2. two`,
    },
    {
      from: 'a mail in Gmail',
      html: `<meta charset='utf-8'><div>Hello Ada,</div><div><br></div><div>see you <b>soon</b>.<br>Ben</div><div class="gmail_quote"><blockquote class="gmail_quote" style="margin:0px"><div dir="ltr">Are you there?</div></blockquote></div>`,
      markdown: `Hello Ada,

see you **soon**.\\
Ben

> Are you there?`,
    },
  ]
