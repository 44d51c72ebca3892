import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMoment } from './format-moment.ts';
import { parseMoment } from './parse-moment.ts';

const BERLIN = 'Europe/Berlin';
/** 15:30:00 in Berlin, in winter. */
const now = new Date('2026-02-13T14:30:00Z');
const reader = { now, zone: BERLIN };

const read: { text: string; at: string; zone?: string }[] = [
  { text: '2026-02-10 12:00:07', at: '2026-02-10T11:00:07.000Z' },
  { text: '2026-02-10 12:00', at: '2026-02-10T11:00:00.000Z' },
  { text: '2026-2-1 9:05', at: '2026-02-01T08:05:00.000Z' },
  { text: '2026-02-10T12:00:07', at: '2026-02-10T11:00:07.000Z' },
  { text: '2026-02-10T12:00:07.25', at: '2026-02-10T11:00:07.250Z' },
  { text: '2026-02-10 12:00:07,123456789', at: '2026-02-10T11:00:07.123Z' },
  { text: '2026-02-10T12:00:07Z', at: '2026-02-10T12:00:07.000Z' },
  { text: '2026-02-10 12:00:07 UTC', at: '2026-02-10T12:00:07.000Z' },
  { text: '2026-02-10 12:00:07 GMT', at: '2026-02-10T12:00:07.000Z' },
  { text: '2026-02-10 12:00:07+01:00', at: '2026-02-10T11:00:07.000Z' },
  { text: '2026-02-10 12:00:07 -0530', at: '2026-02-10T17:30:07.000Z' },
  { text: '2026-02-10 12:00:07 UTC+2', at: '2026-02-10T10:00:07.000Z' },
  { text: '2026-02-10 12:00:07 America/New_York', at: '2026-02-10T17:00:07.000Z' },
  { text: '2026-02-10 12:00:07 CET', at: '2026-02-10T11:00:07.000Z' },
  { text: '2025-07-01 12:00 CET', at: '2025-07-01T11:00:00.000Z' },
  { text: '2025-07-01 12:00 cest', at: '2025-07-01T10:00:00.000Z' },
  { text: '2025-07-01 12:00', at: '2025-07-01T10:00:00.000Z' },
  { text: '2026-01-05 08:00 EST', at: '2026-01-05T13:00:00.000Z', zone: 'America/New_York' },
  { text: '2026-02-10 12:00:07 CET (3 days ago)', at: '2026-02-10T11:00:07.000Z' },
  { text: '  2026-02-10   12:00 ', at: '2026-02-10T11:00:00.000Z' },
  { text: '15:30', at: '2026-02-13T14:30:00.000Z' },
  { text: '15:31', at: '2026-02-12T14:31:00.000Z' },
  { text: '12:00:07', at: '2026-02-13T11:00:07.000Z' },
  { text: '23:00 UTC', at: '2026-02-12T23:00:00.000Z' },
  { text: '9:15 am', at: '2026-02-13T08:15:00.000Z' },
  { text: '3pm', at: '2026-02-13T14:00:00.000Z' },
  { text: '12:10 AM', at: '2026-02-12T23:10:00.000Z' },
  { text: '12 pm', at: '2026-02-13T11:00:00.000Z' },
  { text: 'today 9:15', at: '2026-02-13T08:15:00.000Z' },
  { text: 'yesterday 14:00', at: '2026-02-12T13:00:00.000Z' },
  { text: 'Yesterday at 14:00', at: '2026-02-12T13:00:00.000Z' },
  { text: 'yesterday, 11pm', at: '2026-02-12T22:00:00.000Z' },
  { text: 'yesterday 14:00 Asia/Tokyo', at: '2026-02-12T05:00:00.000Z' },
  { text: 'now', at: '2026-02-13T14:30:00.000Z' },
  { text: '10 minutes ago', at: '2026-02-13T14:20:00.000Z' },
  { text: '90s ago', at: '2026-02-13T14:28:30.000Z' },
  { text: '2h ago', at: '2026-02-13T12:30:00.000Z' },
  { text: '-10m', at: '2026-02-13T14:20:00.000Z' },
  { text: '\u221210m', at: '2026-02-13T14:20:00.000Z' },
  { text: '10m', at: '2026-02-13T14:20:00.000Z' },
  { text: '1h30m ago', at: '2026-02-13T13:00:00.000Z' },
  { text: '1 hour and 30 minutes ago', at: '2026-02-13T13:00:00.000Z' },
  { text: '1 hour, 30 min ago', at: '2026-02-13T13:00:00.000Z' },
  { text: 'an hour ago', at: '2026-02-13T13:30:00.000Z' },
  { text: '1.5h ago', at: '2026-02-13T13:00:00.000Z' },
  { text: '2 days ago', at: '2026-02-11T14:30:00.000Z' },
  { text: '1w ago', at: '2026-02-06T14:30:00.000Z' },
  { text: '250ms ago', at: '2026-02-13T14:29:59.750Z' },
];
for (const { text, at, zone = BERLIN } of read) {
  test(`"${text}" is read`, () => {
    const result = parseMoment(text, { now, zone });
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual([result.at.toISOString(), result.note], [at, null]);
  });
}

test('a moment is shown in the zone of whoever wrote it', () => {
  const result = parseMoment('2026-02-10T11:00:07Z', reader);
  assert.equal(result.ok && result.shown, '2026-02-10 12:00:07 CET (3 days ago)');
});

const shown = [
  ['2026-02-13T14:30:00Z', '2026-02-13 15:30:00 CET (just now)'],
  ['2026-02-13T14:29:59.500Z', '2026-02-13 15:29:59.500 CET (just now)'],
  ['2026-02-13T14:29:48Z', '2026-02-13 15:29:48 CET (12 seconds ago)'],
  ['2026-02-13T14:28:59Z', '2026-02-13 15:28:59 CET (1 minute 1 second ago)'],
  ['2026-02-13T14:25:59Z', '2026-02-13 15:25:59 CET (4 minutes ago)'],
  ['2026-02-13T12:20:00Z', '2026-02-13 13:20:00 CET (2 hours 10 minutes ago)'],
  ['2026-02-12T14:30:00Z', '2026-02-12 15:30:00 CET (1 day ago)'],
  ['2025-07-01T10:00:00Z', '2025-07-01 12:00:00 CEST (227 days ago)'],
  ['2026-02-13T15:30:00Z', '2026-02-13 16:30:00 CET (in 1 hour)'],
] as const;
for (const [at, text] of shown) test(`${at} is shown as ${text}`, () => assert.equal(formatMoment(new Date(at), reader), text));

const zones = [
  ['UTC', '2026-02-10 11:00:07 UTC'],
  ['Asia/Kolkata', '2026-02-10 16:30:07 +05:30'],
  ['America/St_Johns', '2026-02-10 07:30:07 -03:30'],
  ['America/New_York', '2026-02-10 06:00:07 EST'],
  ['Australia/Sydney', '2026-02-10 22:00:07 AEDT'],
  ['Pacific/Kiritimati', '2026-02-11 01:00:07 +14:00'],
] as const;
for (const [zone, text] of zones)
  test(`on a clock in ${zone} it reads ${text}`, () =>
    assert.equal(formatMoment(new Date('2026-02-10T11:00:07Z'), { now, zone }), `${text} (3 days ago)`));

const changes: { name: string; text: string; zone?: string; at: string; says: string | null }[] = [
  {
    name: 'a time that clocks left out is that of the change',
    text: '2025-03-30 02:30',
    at: '2025-03-30T01:00:00.000Z',
    says: 'clocks in Europe/Berlin were put forward and never showed 2025-03-30 02:30:00: taken as 2025-03-30 03:00:00 CEST',
  },
  {
    name: 'of a time that clocks showed twice it is the first',
    text: '2025-10-26 02:30',
    at: '2025-10-26T00:30:00.000Z',
    says: 'clocks in Europe/Berlin were put back and showed 2025-10-26 02:30:00 twice: taken as the first time (the second is 2025-10-26 02:30:00 +01:00)',
  },
  { name: 'and the second can be said', text: '2025-10-26 02:30:00 +01:00', at: '2025-10-26T01:30:00.000Z', says: null },
  { name: 'also by its name', text: '2025-10-26 02:30:00 CET', at: '2025-10-26T01:30:00.000Z', says: null },
  { name: 'and the first too', text: '2025-10-26 02:30:00 CEST', at: '2025-10-26T00:30:00.000Z', says: null },
  {
    name: 'half an hour is put forward as well',
    text: '2025-10-05 02:15',
    zone: 'Australia/Lord_Howe',
    at: '2025-10-04T15:30:00.000Z',
    says: 'clocks in Australia/Lord_Howe were put forward and never showed 2025-10-05 02:15:00: taken as 2025-10-05 02:30:00 LHDT',
  },
  {
    name: 'and a whole day',
    text: '2011-12-30 12:00',
    zone: 'Pacific/Apia',
    at: '2011-12-30T10:00:00.000Z',
    says: 'clocks in Pacific/Apia were put forward and never showed 2011-12-30 12:00:00: taken as 2011-12-31 00:00:00 +14:00',
  },
  { name: 'midnight is a moment', text: '2025-10-26 00:00', at: '2025-10-25T22:00:00.000Z', says: null },
];
for (const { name, text, zone = BERLIN, at, says } of changes) {
  test(name, () => {
    const result = parseMoment(text, { now, zone });
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual([result.at.toISOString(), result.note], [at, says]);
  });
}

const EXAMPLES = 'write `2026-02-12 14:00:07`, `yesterday 14:00`, `14:00` or `10 minutes ago`';
const refused: { text: string; message: string; suggestion: string }[] = [
  { text: '', message: '`` is no moment', suggestion: EXAMPLES },
  { text: 'before the bad edit', message: '`before the bad edit` is no moment', suggestion: EXAMPLES },
  { text: '1707562807', message: '`1707562807` is no moment', suggestion: EXAMPLES },
  { text: '2026-02-10', message: '`2026-02-10` is no moment', suggestion: 'say when on that day: `2026-02-10 12:00`' },
  { text: 'yesterday', message: '`yesterday` is no moment', suggestion: 'say when on that day: `yesterday 12:00`' },
  { text: '10.2.2026 14:05', message: '`10.2.2026 14:05` is no moment', suggestion: 'write `2026-02-10 14:05`' },
  { text: '2026/02/10 14:05', message: '`2026/02/10 14:05` is no moment', suggestion: 'write `2026-02-10 14:05`' },
  {
    text: '2026-02-14 12:00',
    message: '2026-02-14 12:00:00 CET (in 20 hours) is still to come',
    suggestion: 'data can only go back: `now` is the latest',
  },
  {
    text: 'today 16:00',
    message: '2026-02-13 16:00:00 CET (in 30 minutes) is still to come',
    suggestion: 'write `yesterday 16:00` if it was that',
  },
  { text: '2026-02-30 12:00', message: 'there is no 2026-02-30', suggestion: 'that month had 28 days' },
  { text: '2026-13-01 12:00', message: '2026-13-01 has no month 13', suggestion: 'write the date as year-month-day' },
  { text: '0026-02-10 12:00', message: 'nothing was backed up in 26', suggestion: 'check the year' },
  { text: '24:00', message: 'there is no 24:00 on a clock', suggestion: 'hours go from 00:00 to 23:59:59' },
  { text: '12:60', message: 'there is no 12:60 on a clock', suggestion: 'hours go from 00:00 to 23:59:59' },
  { text: '12:00:60', message: 'there is no 12:00:60 on a clock', suggestion: 'hours go from 00:00 to 23:59:59' },
  {
    text: '13 pm',
    message: 'there is no 13:00 pm on a clock',
    suggestion: 'write 12:00 pm for noon, or use 24 hours: 00:00 to 23:59:59',
  },
  {
    text: '12:00 PST',
    message: '`PST` is no zone, or stands for more than one',
    suggestion: 'write an offset such as +01:00, or a zone such as Europe/Berlin',
  },
  { text: '12:00 Europe/Berln', message: 'there is no zone called Europe/Berln', suggestion: 'did you mean `Europe/Berlin`?' },
  { text: '12:00 +15:00', message: 'there is no zone at +15:00', suggestion: 'offsets look like +01:00' },
  { text: '2 months ago', message: 'a month has no one length', suggestion: EXAMPLES },
  { text: '3 fortnights ago', message: '`3 fortnights ago` is no moment', suggestion: EXAMPLES },
  { text: '9999999d ago', message: 'that is longer ago than a century', suggestion: EXAMPLES },
];
for (const { text, message, suggestion } of refused) {
  test(`"${text}" is refused with a way out`, () =>
    assert.deepEqual(parseMoment(text, reader), { ok: false, message, suggestion }));
}

/** mulberry32, so that a failure can be had again. */
const createRandom = (seed: number) => {
  let state = seed;
  return (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
};

test('what is shown is read back as the same moment, in every zone and around every change of clocks', () => {
  const random = createRandom(7);
  const from = Date.UTC(2015, 0, 1);
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    // The changes of 2025 in Europe and America, an hour to either side, and some moments of eleven years.
    const around = [1_743_296_400_000, 1_761_440_400_000, 1_762_063_200_000].map(
      (change) => change + random(7_200_000) - 3_600_000,
    );
    for (const instant of [...around, from + random(11 * 365) * 86_400_000 + random(86_400_000)]) {
      const at = new Date(instant);
      const text = formatMoment(at, { now, zone });
      const result = parseMoment(text, { now, zone });
      assert.ok(result.ok, `${zone}: ${text}`);
      assert.equal(result.at.getTime(), instant, `${zone}: ${text} was read as ${result.shown}`);
      assert.equal(result.note, null);
    }
  }
});

test('every clock time of a year is a moment of that time, or one with a note', () => {
  const random = createRandom(11);
  const zonesOfAllKinds = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Gaza', 'UTC'];
  for (let round = 0; round < 600; round++) {
    const zone = zonesOfAllKinds[round % zonesOfAllKinds.length] ?? 'UTC';
    const text = new Date(Date.UTC(2025, 0, 1) + random(365 * 24 * 12) * 300_000).toISOString().slice(0, 19).replace('T', ' ');
    const result = parseMoment(text, { now, zone });
    assert.ok(result.ok, `${zone}: ${text}`);
    const skipped = result.note?.includes('put forward') === true;
    assert.equal(result.shown.startsWith(text), !skipped, `${zone}: ${text} was read as ${result.shown}`);
  }
});

test('no text makes it throw', () => {
  const random = createRandom(3);
  const pieces = [
    '2026-02-10',
    'T',
    ' ',
    '12:00',
    ':07',
    '.5',
    'Z',
    '+01:00',
    'am',
    'ago',
    '-',
    '1h',
    'Europe/',
    'yesterday',
    '(',
    ')',
    '\0',
    '٣',
    'e9',
    '/',
  ];
  for (let round = 0; round < 3_000; round++) {
    const text = Array.from({ length: random(6) }, () => pieces[random(pieces.length)]).join('');
    const result = parseMoment(text, reader);
    assert.ok(result.ok ? result.at.getTime() <= now.getTime() : result.suggestion !== '', text);
  }
});
