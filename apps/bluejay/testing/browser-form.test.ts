import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filledIn, formsOf } from './browser-form.ts';

const formWith = (inside: string) => {
  const [form] = formsOf(`<form method="post" action="/save?a=1&amp;b=2">${inside}</form>`);
  assert.ok(form);
  return form;
};

const CASES: readonly (readonly [what: string, html: string, entries: readonly (readonly [string, string])[]])[] = [
  ['a text is sent as it stands', '<input name="a" value="x &amp; &quot;y&quot; &#39;z&#39; &#x41;">', [['a', `x & "y" 'z' A`]]],
  ['an empty input is sent', '<input type="text" name="a">', [['a', '']]],
  ['what has no name is not', '<input value="x"><input type="hidden" name="b" value="1">', [['b', '1']]],
  ['a disabled one is not', '<input name="a" value="x" disabled>', []],
  [
    'a checkbox only when it is checked',
    '<input type="checkbox" name="a" value="1"><input type="checkbox" name="b" value="2" checked>',
    [['b', '2']],
  ],
  ['a word in a value is no attribute', '<input type="checkbox" name="a" value="not checked here">', []],
  [
    'files and buttons are not',
    '<input type="file" name="a"><input type="submit" name="b" value="x"><button name="c" value="y">',
    [],
  ],
  [
    'a text area loses its first line break',
    '<textarea name="a">\n\none\ntwo &lt;b&gt;</textarea>',
    [['a', '\r\none\r\ntwo <b>']],
  ],
  [
    'a list sends its first entry',
    '<select name="a"><option value="1">x</option><option value="2">y</option></select>',
    [['a', '1']],
  ],
  [
    'or the one that is selected',
    '<select name="a"><option value="1">x</option><option value="2" selected>y</option></select>',
    [['a', '2']],
  ],
  ['or, where there may be several, none', '<select name="a" multiple><option value="1">x</option></select>', []],
  ['a template is no part of the page', '<template><input name="a" value="x"></template>', []],
];

for (const [what, html, entries] of CASES) test(what, () => assert.deepEqual(formWith(html).entries, entries));

test('the address and the buttons of a form are known', () => {
  const form = formWith('<button type="submit" name="status" value="draft">Save</button><button type="button">Other</button>');
  assert.deepEqual([form.action, form.buttons], ['/save?a=1&b=2', [['status', 'draft']]]);
});

test('filled in, an input has the new values and no old one', () => {
  const form = formWith(
    '<input name="a" value="1"><input type="hidden" name="b" value=""><input type="checkbox" name="b" value="1" checked>',
  );
  assert.equal(filledIn(form, { b: '', c: ['x', 'y'] }).toString(), 'a=1&b=&c=x&c=y');
});
