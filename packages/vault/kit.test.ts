import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { createIdentity } from '@berth/secrets';
import { isLocked, type Kit, lockKit, parseKit, renderKit } from './index.ts';

const IDENTITY = await createIdentity();
const SECRETS = [IDENTITY.slice(20, 50), 'hidden-access-id', 'hidden-secret-key', 'hidden-session'];

const KIT: Kit = {
  format: 1,
  vault: '075bad05-342f-4d20-93ba-77e8c4873b94',
  identity: IDENTITY,
  createdAt: '2026-02-10T12:00:07.000Z',
  host: 'server-1',
  berth: '0.4.0',
  targets: [
    { name: 'near', url: 'dir:/mnt/disk with spaces: and # more' },
    {
      name: 'far',
      url: 's3://backups/machine-1?endpoint=https://s3.example.org&region=eu-1',
      credentials: { accessKeyId: 'hidden-access-id', secretAccessKey: 'hidden-secret-key', sessionToken: 'hidden-session' },
    },
  ],
};
const TEXT = renderKit(KIT);

describe('a kit comes back as it was written', () => {
  const kits: [string, Kit][] = [
    ['with a directory and a bucket', KIT],
    ['without targets', { ...KIT, targets: [] }],
    [
      'with what looks like something else',
      { ...KIT, host: '0x10\n# berth: evil', berth: 'true', vault: '12e3', targets: [{ name: 'null', url: 'dir:/~' }] },
    ],
    [
      'with keys that hold signs of every kind',
      {
        ...KIT,
        targets: [
          {
            name: 'x',
            url: 's3://backups/x',
            credentials: { accessKeyId: '- "\'{}[]&*!|>%@`', secretAccessKey: `${'+/='.repeat(60)} : # \\ ` },
          },
        ],
      },
    ],
  ];
  for (const [what, kit] of kits) test(what, async () => assert.deepEqual(await parseKit(renderKit(kit)), kit));

  test('also with other line ends, and a byte order mark, as editors leave them', async () => {
    assert.deepEqual(await parseKit(`\uFEFF${TEXT.replaceAll('\n', '\r\n')}\r\n`), KIT);
  });
});

test('a kit explains itself: what it is, who may not have it, where to keep it, what to do with it', () => {
  const head = TEXT.slice(0, TEXT.indexOf('\nformat:'));
  for (const line of head.trimEnd().split('\n')) assert.match(line, /^#/);
  for (const said of [/server-1/, /CAN READ EVERY BACKUP/, /NOT ON THIS MACHINE/, /berth recover THIS-FILE/, /far: s3:\/\//])
    assert.match(head, said);
  for (const secret of SECRETS) assert.ok(!head.includes(secret));
});

describe('what is no whole kit is refused, with the line and the reason, and nothing secret', () => {
  const edit = (from: string | RegExp, to: string): string => {
    const edited = TEXT.replace(from, to);
    assert.notEqual(edited, TEXT);
    return edited;
  };
  const lineOf = (start: string): number => TEXT.split('\n').findIndex((line) => line.startsWith(start)) + 1;
  const cases: readonly { what: string; text: string; line: number; why: RegExp }[] = [
    { what: 'empty', text: '', line: 1, why: /empty/ },
    { what: 'only its comments', text: TEXT.slice(0, TEXT.indexOf('\nformat:')), line: lineOf('format:') - 2, why: /empty/ },
    { what: 'another text', text: 'hello', line: 1, why: /another file/ },
    { what: 'another YAML', text: 'apps:\n  - one\n', line: 1, why: /format is missing/ },
    {
      what: 'a newer format',
      text: edit('format: 1', 'format: 2'),
      line: lineOf('format:'),
      why: /format that this version does not/,
    },
    { what: 'cut off before its end', text: edit('end: true\n', ''), line: lineOf('end:') - 1, why: /cut off behind this line/ },
    {
      what: 'cut off in the middle',
      text: TEXT.slice(0, TEXT.indexOf('  - name: far')),
      line: lineOf('  - name: far') - 1,
      why: /cut off/,
    },
    { what: 'without its identity', text: edit(/identity: .*\n/, ''), line: lineOf('format:'), why: /has no identity/ },
    {
      what: 'with a wrong character in its identity',
      text: edit(IDENTITY, `${IDENTITY.slice(0, 40)}${IDENTITY[40] === 'Q' ? 'P' : 'Q'}${IDENTITY.slice(41)}`),
      line: lineOf('identity:'),
      why: /a character of the identity/,
    },
    { what: 'without the vault', text: edit(/vault: .*\n/, ''), line: lineOf('format:'), why: /has no vault/ },
    {
      what: 'with a date that is none',
      text: edit(/createdAt: .*/, 'createdAt: soon'),
      line: lineOf('createdAt:'),
      why: /no date/,
    },
    { what: 'without targets', text: edit(/\ntargets:[^]*end:/, '\nend:'), line: lineOf('format:'), why: /no list of targets/ },
    { what: 'with a target without url', text: edit(/ {4}url: "dir.*\n/, ''), line: lineOf('  - name: near'), why: /has no url/ },
    {
      what: 'with an address that is none',
      text: edit('url: s3:', 'url: ftp:'),
      line: lineOf('    url: s3'),
      why: /none of a target/,
    },
    {
      what: 'with half of the credentials',
      text: edit(/ *secretAccessKey: .*\n/, ''),
      line: lineOf('      accessKeyId:'),
      why: /credentials has no secretAccessKey/,
    },
    {
      what: 'with a tab where a space was',
      text: edit('\nidentity: ', '\n\tidentity: "'),
      line: lineOf('identity:'),
      why: /not YAML/,
    },
    {
      what: 'with something twice',
      text: edit('\nhost:', `\nidentity: ${IDENTITY}\nhost:`),
      line: lineOf('identity:') + 1,
      why: /not YAML/,
    },
  ];
  for (const { what, text, line, why } of cases)
    test(what, async () => {
      await assert.rejects(parseKit(text), (error: Error & { code?: string; fields?: { line?: number; why?: string } }) => {
        assert.equal(error.code, 'KIT_UNREADABLE', String(error));
        assert.match(error.fields?.why ?? '', why);
        assert.equal(error.fields?.line, line);
        assert.ok(error.message.includes(`line ${line}`));
        for (const secret of SECRETS) assert.ok(!inspect(error, { depth: 9 }).includes(secret), 'it tells a secret');
        return true;
      });
    });
});

describe('a kit with a passphrase', { timeout: 60_000 }, () => {
  const locked = lockKit(TEXT, 'correct horse');

  test('opens with it, and shows nothing without', async () => {
    const text = await locked;
    assert.equal(isLocked(text), true);
    assert.equal(isLocked(TEXT), false);
    for (const shown of [...SECRETS, 'server-1', 'backups']) assert.ok(!text.includes(shown));
    assert.deepEqual(await parseKit(`\n${text.replaceAll('\n', '\r\n')}`, 'correct horse'), KIT);
    await assert.rejects(parseKit(text), { code: 'KIT_LOCKED' });
    await assert.rejects(parseKit(text, 'correct house'), { code: 'KIT_PASSPHRASE_WRONG' });
  });

  test('says when it is cut off or changed', async () => {
    const lines = (await locked).trimEnd().split('\n');
    const half = lines.slice(0, 6).join('\n');
    await assert.rejects(parseKit(half, 'correct horse'), { code: 'KIT_UNREADABLE', message: /line 6: it is cut off/ });
    const changed = lines.with(8, `${lines[8]?.startsWith('A') ? 'B' : 'A'}${lines[8]?.slice(1)}`).join('\n');
    await assert.rejects(parseKit(changed, 'correct horse'), { code: 'KIT_UNREADABLE', message: /was changed/ });
  });

  test('does not need the passphrase where there is none', async () => {
    assert.deepEqual(await parseKit(TEXT, 'anything'), KIT);
  });
});
