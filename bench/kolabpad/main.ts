/**
 * Kolabpad beside a plain `ws` broadcast server that knows nothing of texts: edits per second, delay from a key to the
 * screens of the others, memory, sockets held at once. `node bench/kolabpad/main.ts [--dose small] [--part edits|pad|memory|edge|scale]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine.ts';
import { reportResults } from '../results.ts';
import { type EdgeDose, measureEdge } from './edge.ts';
import { type EditsDose, measureEdits } from './edits.ts';
import { measureMemory, type MemoryDose } from './memory.ts';
import { measurePad, type PadDose } from './pad.ts';
import { describeEdge, describeEdits, describeMemory, describePad, describeScale } from './report.ts';
import { measureScale, type ScaleDose } from './scale.ts';

type Dose = {
  readonly edits: EditsDose;
  readonly pad: PadDose;
  readonly memory: MemoryDose;
  readonly edge: EdgeDose;
  readonly scale: ScaleDose;
};

const doses: Readonly<Record<'full' | 'small', Dose>> = {
  full: {
    edits: { documents: [10, 100, 1_000], rounds: 3, warmupMs: 2_000, ms: 6_000 },
    pad: { editors: 400, warmupMs: 5_000, ms: 30_000 },
    memory: { documents: 5_000, settleMs: 5_000 },
    edge: { documents: 100, padEditors: 400, warmupMs: 3_000, ms: 15_000, sockets: 20_000 },
    scale: { sockets: 100_000, documents: 10_000, keysPerSecond: 500, holdMs: 60_000 },
  },
  small: {
    edits: { documents: [10, 100], rounds: 1, warmupMs: 500, ms: 1_500 },
    pad: { editors: 400, warmupMs: 1_000, ms: 2_000 },
    memory: { documents: 500, settleMs: 1_000 },
    edge: { documents: 10, padEditors: 50, warmupMs: 500, ms: 1_500, sockets: 1_000 },
    scale: { sockets: 2_000, documents: 500, keysPerSecond: 100, holdMs: 3_000 },
  },
};

const { values } = parseArgs({ options: { dose: { type: 'string', default: 'full' }, part: { type: 'string' } } });
const dose = doses[values.dose === 'small' ? 'small' : 'full'];
const scratch = mkdtempSync(join(tmpdir(), 'berth-bench-kolabpad-'));
await chmod(scratch, 0o711); // apps run as users of their own
try {
  const wanted = (part: keyof Dose): boolean => values.part === undefined || values.part === part;
  const edits = wanted('edits') ? await measureEdits(dose.edits, scratch) : [];
  const pad = wanted('pad') ? await measurePad(dose.pad, scratch) : [];
  const memory = wanted('memory') ? await measureMemory(dose.memory, scratch) : [];
  const edge = wanted('edge') ? await measureEdge(dose.edge, scratch) : null;
  const scale = wanted('scale') ? await measureScale(dose.scale, scratch) : [];
  reportResults('kolabpad', {
    title: 'Kolabpad',
    machine: describeMachine(['haproxy']),
    sections: [
      'Beside a plain `ws` broadcast server, which hands every message to everybody in the room, the sender included, with no operational transformation and no journal. Both are asked by the same editors; a ratio is Kolabpad by broadcast. Delays in ms, from a key to the moment when another editor of the document has it. `editors busy`: share of the time that the process of the editors itself was busy; near 1, it is what is measured.',
      ...describeEdits(edits),
      ...describePad(pad),
      ...describeMemory(memory),
      ...describeEdge(edge),
      ...describeScale(scale),
    ],
    keep: values.dose === 'full' && values.part === undefined,
    data: { dose, edits, pad, memory, edge, scale },
  });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
