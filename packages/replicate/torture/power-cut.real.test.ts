import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type TemporaryDirectory, temporaryDirectory } from '@berth/testing';
import { type Negligence, playPowerCuts } from './power-cut.ts';
import { diskAfterCut, lossesOf } from './power-cut-disk.ts';
import { type PowerCutPlaces, powerCutPlaces, type RecordedRun, recordRun } from './power-cut-run.ts';
import { createRandom } from './random.ts';

// oxlint-disable-next-line node/no-process-env -- how much of it, as for the other tortures
const isTorture = process.env.BERTH_DOSE === 'torture';
const CUTS = isTorture ? 600 : 16;
const STATES = isTorture ? 1000 : 3;
const MUTANT_CUTS = 200;

describe('a power cut', () => {
  let directory: TemporaryDirectory;
  let places: PowerCutPlaces;
  let run: RecordedRun;
  const seed = Math.floor(Math.random() * 1_000_000);

  before(async () => {
    directory = await temporaryDirectory('power-cut-');
    places = powerCutPlaces(directory.path);
    run = await recordRun(places, seed);
  });
  after(() => directory[Symbol.asyncDispose]());

  test('is played on a run in which all that matters happens', () => {
    const opened = run.disk.flatMap((entry) => (entry.op === 'open' ? [entry.path] : []));
    for (const part of ['position.json.tmp', 'pages.table', '/queue/', '.segment.tmp', 'target.near.json.tmp', '.incoming/'])
      assert.ok(
        opened.some((path) => path.includes(part)),
        part,
      );
    for (const op of ['write', 'sync', 'mkdir', 'rename', 'link', 'unlink'])
      assert.ok(
        run.disk.some((entry) => entry.op === op),
        op,
      );
    const salts = new Set(run.commits.map(({ log }) => log.toString('hex', 16, 24)));
    assert.ok(salts.size > 3, `the log was begun anew ${salts.size} times`);
    assert.ok(run.points.some(({ isShipped }) => isShipped) && run.points.some(({ isShipped }) => !isShipped));
  });

  test('takes nothing that was said to be safe, and what is left goes on, whatever was not synced is gone', async (t) => {
    const say = (line: string): void => t.diagnostic(line);
    const complaints = await playPowerCuts(run, { places, seed, cuts: CUTS, states: STATES, say });
    assert.deepEqual(complaints, [], `seed ${seed}`);
  });

  test('takes no directory of the state with it', () => {
    const firstPoint = run.points.find(({ isShipped }) => !isShipped);
    const lost = diskAfterCut(run.disk, {
      roots: [places.state, places.target],
      cut: run.disk.findIndex(({ at }) => at > (firstPoint?.toldAt ?? 0)),
      losses: lossesOf('everything', createRandom(seed)),
    });
    for (const path of ['app', 'app/queue']) assert.ok(lost.has(`${places.state}/${path}`), path);
  });

  for (const mutant of mutants(() => places)) {
    test(`is told from one of a replicator that does not sync ${mutant.name}`, async (t) => {
      const lines: string[] = [];
      const say = (line: string): void => void lines.push(line);
      const options = {
        places,
        seed,
        cuts: MUTANT_CUTS,
        states: 5,
        negligence: mutant,
        untilComplaint: true,
        say,
      };
      const complaints = await playPowerCuts(run, options);
      t.diagnostic(`${lines.length} cuts: ${complaints[0] ?? 'nothing'}`);
      assert.ok(complaints.length > 0, `${lines.length} power cuts and no complaint, seed ${seed}`);
    });
  }
});

function mutants(places: () => PowerCutPlaces): Negligence[] {
  const isDirectory = (path: string): boolean => !/\.(tmp|segment|json|table)$|\/\.incoming\/|\/owner$/.test(path);
  const inState = (path: string): boolean => path.startsWith(places().state);
  return [
    { name: 'directories at the target', skips: (path) => !inState(path) && isDirectory(path) },
    { name: 'files at the target', skips: (path) => !inState(path) && !isDirectory(path) },
    { name: 'directories of its state', skips: (path) => inState(path) && isDirectory(path) },
    { name: 'files of its state', skips: (path) => inState(path) && !isDirectory(path) },
    { name: 'segments of its queue', skips: (path) => path.endsWith('.segment.tmp') },
    { name: 'its position', skips: (path) => path.endsWith('position.json.tmp') },
  ];
}
