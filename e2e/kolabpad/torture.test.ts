/**
 * Many edit many documents through the edge while the server is killed, redeployed and rolled back in random order. Afterwards
 * every acknowledged edit is there and none twice, everybody has the same text without having reloaded, the stored text is
 * what its journal makes, and nobody has seen an error. BERTH_DOSE=torture: 200 editors, 20 documents, ten times each.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { BerthPad } from './berth-pad.ts';
import { Crowd, describeGaps } from './crowd.ts';
import { judgeConvergence, judgeStore, judgeTokens } from './verdict.ts';

const isTorture = process.env.BERTH_DOSE === 'torture';
const SEED = Number(process.env.BERTH_SEED ?? Date.now() % 1_000_000);
const DOSE = isTorture
  ? { editors: 200, documents: 20, pauseMs: 700, kills: 10, deploys: 3, handovers: 7, rollbacks: 10, between: 1_500 }
  : { editors: 40, documents: 6, pauseMs: 200, kills: 2, deploys: 1, handovers: 1, rollbacks: 1, between: 300 };

const ACTS = {
  kill: (pad: BerthPad) => pad.kill(),
  deploy: (pad: BerthPad) => pad.deploy(),
  handover: (pad: BerthPad) => pad.configure(),
  rollback: (pad: BerthPad) => pad.rollback(),
} satisfies Readonly<Record<string, (pad: BerthPad) => Promise<unknown>>>;
type Act = keyof typeof ACTS;

test(`${DOSE.editors} editors of ${DOSE.documents} documents lose nothing through kills, deploys and rollbacks`, async (t) => {
  t.diagnostic(`seed ${SEED}`);
  await using pad = await BerthPad.open('prepared');
  // A rollback needs a release to go back to.
  await pad.configure();
  using crowd = new Crowd({ ...DOSE, seed: SEED, address: (document, editor) => pad.address(document, editor) });
  await crowd.connect();
  const startedAt = performance.now();
  crowd.startTyping();
  for (const [turn, act] of inRandomOrder().entries()) {
    await crowd.more(DOSE.between);
    const [acknowledged, began] = [crowd.acknowledged, performance.now()];
    // Now and then the network goes first, and takes the news of edits that are stored with it.
    if (act === 'kill' && turn % 2 === 0) crowd.cut();
    await ACTS[act](pad);
    const ms = Math.round(performance.now() - began);
    await crowd.allLive();
    t.diagnostic(
      `${act}: ${ms} ms; ${crowd.acknowledged - acknowledged} edits meanwhile; ${describeGaps(crowd.gapsSince(began))}`,
    );
  }
  await crowd.more(DOSE.between);
  await crowd.drain();
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  t.diagnostic(`${crowd.acknowledged} edits acknowledged in ${seconds} s, ${crowd.received} received by others`);

  const served = await pad.read(crowd.documents);
  await pad.stop();
  const stored = judgeStore(crowd, served, pad.database);
  const wrong = [...crowd.troubles, ...judgeConvergence(crowd, served), ...judgeTokens(crowd, served), ...stored];
  assert.deepEqual(wrong, [], `seed ${SEED}`);
});

/** Not so many kills in a row that Berth takes it for a program that cannot live. */
const KILLS_IN_A_ROW = 3;

function inRandomOrder(): Act[] {
  const times = { kill: DOSE.kills, deploy: DOSE.deploys, handover: DOSE.handovers, rollback: DOSE.rollbacks };
  const all = (Object.keys(times) as Act[]).flatMap((act) => Array.from({ length: times[act] }, () => act));
  const random = createRandom(SEED);
  let acts: Act[];
  do acts = random.shuffle(all);
  while (!isPossible(acts));
  return acts;
}

/** A rollback leads to what served before the last deploy; the one after it would need a release that may be gone by then. */
function isPossible(acts: readonly Act[]): boolean {
  let canGoBack = true;
  let kills = 0;
  for (const act of acts) {
    kills = act === 'kill' ? kills + 1 : 0;
    if (kills > KILLS_IN_A_ROW || (act === 'rollback' && !canGoBack)) return false;
    if (act !== 'kill') canGoBack = act !== 'rollback';
  }
  return true;
}
