/** Many clients, one server, broken connections: everybody ends up with the same text, and every insert is in it once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '@berth/testing';
import type { Operation } from '../domain/operation.ts';
import { codePointLength } from '../domain/text.ts';
import { ModelServer } from './testing/model-server.ts';
import { SimulatedClient } from './testing/simulated-client.ts';

type Scenario = {
  readonly name: string;
  readonly rounds: number;
  /** Connections break and come back, some with frames that the server still reads. */
  readonly drops: boolean;
  /** Tabs are closed and opened again. */
  readonly reloads: boolean;
  /** History is forgotten, so that whoever was away gets a Snapshot. */
  readonly folds: boolean;
  /** The server restarts, with so many of the last operations lost at most. */
  readonly lost: number | null;
  /** It has then also forgotten which edits of a session it folded into the text, so that nobody can know, only guess. */
  readonly forgets?: true;
};

const SCENARIOS: readonly Scenario[] = [
  { name: 'on good connections', rounds: 100, drops: false, reloads: false, folds: false, lost: null },
  { name: 'on connections that break', rounds: 250, drops: true, reloads: false, folds: false, lost: null },
  { name: 'whose tabs are closed and opened again', rounds: 200, drops: true, reloads: true, folds: false, lost: null },
  { name: 'after whose absence history was forgotten', rounds: 250, drops: true, reloads: true, folds: true, lost: null },
  { name: 'of a server that restarts', rounds: 200, drops: true, reloads: true, folds: false, lost: 0 },
  {
    name: 'of a server that restarts after history was forgotten',
    rounds: 200,
    drops: true,
    reloads: true,
    folds: true,
    lost: 0,
  },
  { name: 'of a server that was restored to an earlier time', rounds: 250, drops: true, reloads: true, folds: true, lost: 6 },
  {
    name: 'of a server that forgets who sent what',
    rounds: 300,
    drops: true,
    reloads: true,
    folds: true,
    lost: 0,
    forgets: true,
  },
];

for (const [index, scenario] of SCENARIOS.entries()) {
  const outcome = scenario.forgets ? 'no edit is lost' : 'no edit is lost or doubled';
  test(`3 to 8 clients ${scenario.name} converge, and ${outcome}`, () => {
    let protocolErrors = 0;
    let snapshots = 0;
    for (let round = 0; round < scenario.rounds; round++) {
      const seed = index * 100_000 + round;
      const result = play(scenario, createRandom(seed), `seed ${seed}`);
      protocolErrors += result.protocolErrors;
      snapshots += result.snapshots;
    }
    if (!scenario.drops) assert.equal(protocolErrors, 0);
    assert.equal(snapshots > 0, scenario.folds || (scenario.lost ?? 0) > 0, `${snapshots} snapshots`);
  });
}

const play = (scenario: Scenario, random: Random, seed: string): { protocolErrors: number; snapshots: number } => {
  const server = new ModelServer({ forgetsSessions: scenario.forgets === true });
  const clients = Array.from({ length: random.integer(3, 8) }, (_, index) => new SimulatedClient(server, `client-${index}`));
  const marks = new Marks();
  for (let i = 0; i < 300; i++) {
    const client = random.pick(clients);
    const what = random.integer(0, 99);
    if (what < 30) client.edit(marks.edit(random, client.screen));
    else if (what < 85) client.step(random);
    else if (what < 92) client.connect();
    else if (what < 95) {
      if (scenario.drops) client.disconnect({ lingers: random.boolean() });
    } else if (what < 96) {
      const late = client.lingering.shift();
      if (late !== undefined) server.read(late);
    } else if (what < 97) {
      if (scenario.reloads) client.reload();
    } else if (what < 98) {
      if (scenario.folds) server.fold(random.integer(0, 3));
    } else if (what < 99 && scenario.lost !== null) marks.atRisk(server.restart(random.integer(0, scenario.lost)));
  }
  // The end of all trouble: until everybody is connected and nothing is on its way.
  const isDone = (client: SimulatedClient) => client.session.phase === 'live' && !client.session.hasUnsent();
  for (let i = 0; i < 20 && !(clients.every(isDone) && i > 1); i++) {
    for (const client of clients) client.connect();
    for (let j = 0; j < 200; j++) for (const client of clients) client.step(random);
    for (const client of clients) client.settle();
  }
  for (const client of clients) {
    assert.ok(isDone(client), `${seed}: a client is ${client.session.phase}, unsent: ${client.session.hasUnsent()}`);
    assert.equal(client.screen, server.text, seed);
    assert.equal(client.session.revision, server.revision, seed);
  }
  // Who gets a Snapshot after deleting something that others had not yet seen deleted cannot know all of it.
  marks.check(server.text, { deletesCount: server.snapshots === 0, most: scenario.forgets ? Number.POSITIVE_INFINITY : 1 }, seed);
  return { protocolErrors: clients.reduce((sum, client) => sum + client.protocolErrors, 0), snapshots: server.snapshots };
};

/** Inserts characters that occur nowhere else, every other one beyond U+FFFF, and remembers what should become of them. */
class Marks {
  #count = 0;
  readonly #deleted = new Set<string>();
  readonly #atRisk = new Set<string>();

  edit(random: Random, text: string): Operation {
    const length = codePointLength(text);
    const at = random.integer(0, length);
    if (random.boolean(0.3) && at < length) {
      const count = Math.min(random.integer(1, 4), length - at);
      for (const mark of [...text].slice(at, at + count)) this.#deleted.add(mark);
      return [at, -count, length - at - count].filter((component) => component !== 0);
    }
    const inserted = Array.from({ length: random.integer(1, 4) }, () => this.#mark(this.#count++)).join('');
    return [at, inserted, length - at].filter((component) => component !== 0);
  }

  /** Were lost by the server. */
  atRisk(operations: readonly Operation[]): void {
    for (const component of operations.flat()) {
      if (typeof component === 'string') for (const mark of component) this.#atRisk.add(mark);
    }
  }

  check(text: string, { deletesCount, most }: { deletesCount: boolean; most: number }, seed: string): void {
    const counts = new Map<string, number>();
    for (const mark of text) counts.set(mark, (counts.get(mark) ?? 0) + 1);
    for (let i = 0; i < this.#count; i++) {
      const mark = this.#mark(i);
      const count = counts.get(mark) ?? 0;
      assert.ok(count <= most, `${seed}: mark ${i} is there ${count} times`);
      if (this.#atRisk.has(mark)) continue;
      if (!this.#deleted.has(mark)) assert.ok(count >= 1, `${seed}: mark ${i} is lost`);
      else if (deletesCount) assert.equal(count, 0, `${seed}: mark ${i} was deleted and is there`);
    }
  }

  #mark(index: number): string {
    return String.fromCodePoint((index % 2 === 0 ? 0x4e00 : 0x20000) + index);
  }
}
