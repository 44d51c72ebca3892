import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { isZone, localMomentIn, momentIn } from './zoned-moment.ts';

const cases: readonly {
  readonly name: string;
  readonly local: string;
  readonly zone: string;
  readonly utc: string | undefined;
}[] = [
  { name: 'UTC', local: '2026-06-01T12:30', zone: 'UTC', utc: '2026-06-01T12:30:00.000Z' },
  { name: 'summer', local: '2026-06-01T12:30', zone: 'Europe/Berlin', utc: '2026-06-01T10:30:00.000Z' },
  { name: 'winter', local: '2026-12-01T12:30', zone: 'Europe/Berlin', utc: '2026-12-01T11:30:00.000Z' },
  { name: 'a half hour', local: '2026-06-01T00:00', zone: 'Asia/Kolkata', utc: '2026-05-31T18:30:00.000Z' },
  {
    name: 'the last minute before clocks go forward',
    local: '2026-03-29T01:59',
    zone: 'Europe/Berlin',
    utc: '2026-03-29T00:59:00.000Z',
  },
  { name: 'a time that no clock showed', local: '2026-03-29T02:30', zone: 'Europe/Berlin', utc: '2026-03-29T01:30:00.000Z' },
  { name: 'the first minute after', local: '2026-03-29T03:00', zone: 'Europe/Berlin', utc: '2026-03-29T01:00:00.000Z' },
  { name: 'a time that clocks showed twice', local: '2026-10-25T02:30', zone: 'Europe/Berlin', utc: '2026-10-25T00:30:00.000Z' },
  {
    name: 'the first that they showed once again',
    local: '2026-10-25T03:00',
    zone: 'Europe/Berlin',
    utc: '2026-10-25T02:00:00.000Z',
  },
  { name: 'a change of half an hour', local: '2026-10-04T02:15', zone: 'Australia/Lord_Howe', utc: '2026-10-03T15:45:00.000Z' },
  { name: 'a day that was left out', local: '2011-12-30T12:00', zone: 'Pacific/Apia', utc: '2011-12-30T22:00:00.000Z' },
  { name: 'the far west', local: '2026-01-01T00:00', zone: 'Pacific/Kiritimati', utc: '2025-12-31T10:00:00.000Z' },
  { name: 'seconds and their parts', local: '2026-06-01T12:30:15.25', zone: 'UTC', utc: '2026-06-01T12:30:15.250Z' },
  { name: 'a year with two digits', local: '0026-06-01T12:30', zone: 'UTC', utc: '0026-06-01T12:30:00.000Z' },
  { name: 'a leap day', local: '2028-02-29T00:00', zone: 'UTC', utc: '2028-02-29T00:00:00.000Z' },
  { name: 'a leap day that is none', local: '2026-02-29T00:00', zone: 'UTC', utc: undefined },
  { name: 'hour 24', local: '2026-06-01T24:00', zone: 'UTC', utc: undefined },
  { name: 'a zone of its own in it', local: '2026-06-01T12:30Z', zone: 'UTC', utc: undefined },
  { name: 'a zone that is none', local: '2026-06-01T12:30', zone: 'Mars/Olympus', utc: undefined },
  { name: 'a zone that is an attack', local: '2026-06-01T12:30', zone: '__proto__', utc: undefined },
];
for (const { name, local, zone, utc } of cases) {
  test(`${local} in ${zone} (${name}) is ${utc ?? 'no moment'}`, () => {
    const moment = momentIn(local, zone);
    assert.equal(moment === undefined ? undefined : new Date(moment).toISOString(), utc);
  });
}

test('a moment that is shown and typed again is the same, but for the hour that clocks show twice', () => {
  const random = createRandom(5);
  for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca']) {
    for (let round = 0; round < 200; round++) {
      const atMs = random.integer(0, 34_000_000) * 60_000;
      const shown = localMomentIn(atMs, zone);
      const again = momentIn(shown, zone);
      assert.ok(again !== undefined);
      assert.equal(localMomentIn(again, zone), shown, `${zone} ${new Date(atMs).toISOString()}`);
      assert.ok(again === atMs || (again < atMs && atMs - again <= 3_600_000), `${zone} ${new Date(atMs).toISOString()}`);
    }
  }
});

test('zones are known by their names', () => {
  assert.deepEqual(['UTC', 'Europe/Berlin', 'Nowhere', '', 'a b', '../../etc'].map(isZone), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
