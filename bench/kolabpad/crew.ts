import { setTimeout as sleep } from 'node:timers/promises';
import { type Endpoint, RequestFailed } from '../load/connection.ts';
import { Editor, type Habits } from './editor.ts';
import { Meter, type Tally } from './meter.ts';
import { PadSocket } from './pad-socket.ts';
import { Room } from './room.ts';

export type CrewShape = {
  readonly endpoint: Endpoint;
  /** Before the id of a document, in the path. */
  readonly path: string;
  readonly documents: readonly string[];
  /** One editor each, dealt out to the documents in turn. */
  readonly sockets: number;
  /** Sockets come from each of them in turn: one address has some 28,000 ports for one destination. */
  readonly localAddresses: readonly string[];
  readonly habits: Habits;
};
/** `closed`: everybody types again as soon as acknowledged. `open`: all together strike so many keys a second. */
export type Typing = {
  readonly pace: 'closed' | { readonly keysPerSecond: number };
  readonly ms: number;
};
export type Opened = { readonly open: number; readonly failed: Readonly<Record<string, number>> };
export type Typed = Tally & {
  /** Share of the time that this process was busy; near 1 it measures itself. */
  readonly busy: number;
  /** Connections that ended by themselves so far, by reason. */
  readonly ended: Readonly<Record<string, number>>;
};

type Member = { readonly editor: Editor; readonly socket: PadSocket; pongs: number };

const OPENING_AT_ONCE = 100;
const OPEN_MS = 20_000;
const GIVE_UP_AFTER = 200;
const SETTLE_MS = 30_000;
const KEEPS_PER_REASON = 60;

/** The editors of one process. */
export class Crew {
  readonly #meter = new Meter();
  readonly #rooms: Room[] = [];
  readonly #members: Member[] = [];
  readonly #ended: Record<string, number> = {};

  /** Opens the sockets and waits until everybody knows who they are. What is refused is counted; too much of it ends it. */
  async open(shape: CrewShape): Promise<Opened> {
    const rooms = shape.documents.map((id) => new Room(id, this.#meter));
    this.#rooms.push(...rooms);
    const failed: Record<string, number> = {};
    const before = this.#members.length;
    let next = 0;
    let refused = 0;
    const openSome = async (): Promise<void> => {
      while (next < shape.sockets && refused < GIVE_UP_AFTER) {
        const index = next;
        next += 1;
        const room = rooms[index % rooms.length];
        const localAddress = shape.localAddresses[index % shape.localAddresses.length] ?? null;
        if (room === undefined) continue;
        await this.#openOne(shape, room, localAddress).catch((cause: unknown) => {
          refused += 1;
          count(failed, cause);
        });
      }
    };
    await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openSome));
    await until(() => this.#members.every(({ editor, socket }) => editor.ready || socket.ended), SETTLE_MS);
    return { open: this.#members.slice(before).filter(isAlive).length, failed };
  }

  /** One editor of every document writes so many letters; resolves when all are acknowledged. */
  async seed(letters: number): Promise<void> {
    const firsts = new Map(this.#alive().map((member) => [member.editor.room, member.editor]));
    const text = 'kolabpad '.repeat(Math.ceil(letters / 9)).slice(0, letters);
    for (const editor of firsts.values()) editor.paste(text);
    const seeded = (): boolean => [...firsts.values()].every(({ underWay }) => underWay === undefined);
    if (!(await until(seeded, SETTLE_MS))) throw new Error(`not all documents took their text within ${SETTLE_MS} ms`);
  }

  async type({ pace, ms }: Typing): Promise<Typed> {
    const editors = this.#alive().map(({ editor }) => editor);
    const stop = pace === 'closed' ? typeAgain(editors) : typeSteadily(editors, pace.keysPerSecond);
    this.#meter.start();
    const before = performance.eventLoopUtilization();
    await sleep(ms);
    this.#meter.stop();
    const { utilization } = performance.eventLoopUtilization(before);
    stop();
    const settled = (): boolean =>
      (this.#meter.complete && editors.every(({ underWay }) => underWay === undefined)) || this.#alive().length === 0;
    await until(settled, SETTLE_MS);
    return { ...this.#meter.tally(), busy: Math.round(utilization * 100) / 100, ended: this.#ended };
  }

  /** Pings every server end; gives how many answered in time. */
  async ping(withinMs: number): Promise<{ open: number; answered: number }> {
    const members = this.#alive();
    for (const member of members) member.pongs = 0;
    for (const [index, { socket }] of members.entries()) {
      socket.ping();
      if (index % 1000 === 999) await sleep(10);
    }
    await until(() => members.every(({ pongs }) => pongs > 0), withinMs);
    return { open: this.#alive().length, answered: members.filter(({ pongs }) => pongs > 0).length };
  }

  /** Closes all with a closing handshake, and cuts off what is not closed in time. */
  async close(withinMs: number): Promise<{ cut: number }> {
    for (const [index, { editor, socket }] of this.#members.entries()) {
      editor.leave();
      socket.close();
      if (index % 500 === 499) await sleep(10);
    }
    await until(() => this.#members.every(({ socket }) => socket.ended), withinMs);
    const left = this.#members.filter(({ socket }) => !socket.ended);
    for (const { socket } of this.#members) socket.destroy();
    this.#members.length = 0;
    this.#rooms.length = 0;
    return { cut: left.length };
  }

  async #openOne(shape: CrewShape, room: Room, localAddress: string | null): Promise<void> {
    const editor = new Editor(room, this.#meter, shape.habits, (message) => socket.send(message));
    const socket = await PadSocket.open(
      shape.endpoint,
      { path: `${shape.path}${room.id}`, localAddress, withinMs: OPEN_MS },
      {
        message: (payload) => {
          this.#meter.received();
          editor.receive(payload);
        },
        pong: () => {
          member.pongs += 1;
        },
        ended: (reason) => {
          editor.leave();
          this.#ended[reason] = (this.#ended[reason] ?? 0) + 1;
        },
      },
    );
    const member: Member = { editor, socket, pongs: 0 };
    this.#members.push(member);
    socket.send('{"ClientInfo":{"name":"Anonymous Otter","hue":180}}');
  }

  #alive(): Member[] {
    return this.#members.filter(isAlive);
  }
}

const isAlive = ({ socket, editor }: Member): boolean => !socket.ended && editor.ready;

function typeAgain(editors: readonly Editor[]): () => void {
  for (const editor of editors) {
    editor.idle = () => editor.strike(performance.now());
    editor.strike(performance.now());
  }
  return () => {
    for (const editor of editors) editor.idle = null;
  };
}

/**
 * Everybody strikes a key once a period, at a moment of their own within it. The time that counts is the one at which the
 * key was due: when this process is late, that is in the figure and does not flatter anybody.
 */
function typeSteadily(editors: readonly Editor[], keysPerSecond: number): () => void {
  const periodMs = (editors.length / keysPerSecond) * 1000;
  const turns = editors
    .map((editor) => ({ editor, phaseMs: Math.random() * periodMs }))
    .toSorted((a, b) => a.phaseMs - b.phaseMs);
  const startedMs = performance.now();
  let turn = 0;
  let round = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    for (;;) {
      const next = turns[turn];
      if (next === undefined) return;
      const dueMs = startedMs + round * periodMs + next.phaseMs;
      if (dueMs > now) return;
      if (next.editor.ready) next.editor.strike(dueMs);
      turn = (turn + 1) % turns.length;
      if (turn === 0) round += 1;
    }
  }, 1);
  return () => clearInterval(timer);
}

/** False when it did not come to hold in time. */
async function until(holds: () => boolean, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

function count(failures: Record<string, number>, cause: unknown): void {
  if (!(cause instanceof RequestFailed)) throw cause;
  const reason = cause.reason.slice(0, KEEPS_PER_REASON);
  failures[reason] = (failures[reason] ?? 0) + 1;
}
