import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Journal, openJournal } from '@berth/journal';
import { createSealer } from '@berth/secrets';
import { temporaryDirectory } from '@berth/testing';
import { planRotation, type Rotation, secretsGiven } from './secret-rotation.ts';

type Frozen = Readonly<Record<string, number>>;

class Safe implements AsyncDisposable {
  readonly #directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  readonly #journal: Journal;
  readonly #sealer;

  constructor(directory: Awaited<ReturnType<typeof temporaryDirectory>>) {
    this.#directory = directory;
    this.#journal = openJournal(join(directory.path, 'journal.db'), { now: () => new Date(0) });
    this.#sealer = createSealer(join(directory.path, 'key.txt'));
    this.#journal.apps.ensure('shop');
  }

  async set(name: string, value: string): Promise<void> {
    this.#journal.configuration.setSecret('shop', name, { sealed: await this.#sealer.seal(value), generated: false });
  }

  async rotate(rotation: Partial<Rotation>): Promise<void> {
    const plan = await planRotation({ journal: this.#journal, sealer: this.#sealer }, 'shop', {
      offer: {},
      exchange: [],
      finish: [],
      ...rotation,
    });
    this.#journal.transaction(plan);
  }

  /** As a release of this moment keeps it. */
  freeze(): Frozen {
    return Object.fromEntries(this.#journal.configuration.secrets('shop').map(({ name, version }) => [name, version]));
  }

  async given(frozen: Frozen): Promise<Record<string, string>> {
    const opened = secretsGiven(this.#journal, 'shop', frozen).map(async ({ name, from, version }) => {
      const row = this.#journal.configuration.secret('shop', from, version);
      return [name, row ? await this.#sealer.open(name, row.value) : 'absent'] as const;
    });
    return Object.fromEntries(await Promise.all(opened));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#journal.close();
    await this.#directory[Symbol.asyncDispose]();
  }
}

const openSafe = async () => new Safe(await temporaryDirectory());

describe('the rotation of a secret', () => {
  test('is believed before it is used, and the former afterwards', async () => {
    await using safe = await openSafe();
    await safe.set('KEY', 'one');
    await safe.rotate({ offer: { KEY: 'two' } });
    assert.deepEqual(await safe.given(safe.freeze()), { KEY: 'one', KEY_PREVIOUS: 'two' });
    await safe.rotate({ exchange: ['KEY'] });
    assert.deepEqual(await safe.given(safe.freeze()), { KEY: 'two', KEY_PREVIOUS: 'one' });
    await safe.rotate({ finish: ['KEY'] });
    assert.deepEqual(await safe.given(safe.freeze()), { KEY: 'two' });
  });

  test('releases from before it, and between its two steps, believe what is used now', async () => {
    await using safe = await openSafe();
    await safe.set('KEY', 'one');
    const before = safe.freeze();
    await safe.rotate({ offer: { KEY: 'two' } });
    const between = safe.freeze();
    assert.deepEqual(await safe.given(before), { KEY: 'one', KEY_PREVIOUS: 'two' });
    await safe.rotate({ exchange: ['KEY'] });
    for (const frozen of [before, between]) assert.deepEqual(await safe.given(frozen), { KEY: 'one', KEY_PREVIOUS: 'two' });
  });

  test('ended, its former value is in no release any more; what was only set is', async () => {
    await using safe = await openSafe();
    await safe.set('KEY', 'one');
    await safe.set('OTHER', 'a');
    const before = safe.freeze();
    await safe.set('OTHER', 'b');
    await safe.rotate({ offer: { KEY: 'two' } });
    await safe.rotate({ exchange: ['KEY'] });
    await safe.rotate({ finish: ['KEY'] });
    assert.deepEqual(await safe.given(before), { KEY: 'two', OTHER: 'a' });
  });

  test('the next one takes the place of the former', async () => {
    await using safe = await openSafe();
    await safe.set('KEY', 'one');
    for (const value of ['two', 'three']) {
      await safe.rotate({ offer: { KEY: value } });
      await safe.rotate({ exchange: ['KEY'] });
    }
    assert.deepEqual(await safe.given(safe.freeze()), { KEY: 'three', KEY_PREVIOUS: 'two' });
  });

  test('makes a value where none is given', async () => {
    await using safe = await openSafe();
    await safe.set('KEY', 'one');
    await safe.rotate({ offer: { KEY: null } });
    const { KEY_PREVIOUS = '' } = await safe.given(safe.freeze());
    assert.ok(KEY_PREVIOUS.length >= 32);
  });

  for (const { name, rotation, code } of [
    { name: 'of what the app does not have', rotation: { offer: { ABSENT: null } }, code: 'SECRET_UNKNOWN' },
    { name: 'that never began cannot be ended', rotation: { finish: ['KEY'] }, code: 'SECRET_NOT_ROTATING' },
    { name: 'that never began cannot go on', rotation: { exchange: ['KEY'] }, code: 'SECRET_NOT_ROTATING' },
  ])
    test(`one ${name} is refused`, async () => {
      await using safe = await openSafe();
      await safe.set('KEY', 'one');
      await assert.rejects(safe.rotate(rotation), { code });
      assert.deepEqual(await safe.given(safe.freeze()), { KEY: 'one' });
    });
});
