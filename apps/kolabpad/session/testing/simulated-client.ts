/** A tab with a pad: a session, a screen, what the browser keeps, and a connection that a test may break. */
import assert from 'node:assert/strict';
import type { Random } from '@berth/testing';
import { applyOperation, type Operation } from '../../domain/operation.ts';
import { createPadSession, type Effects, type PadSession } from '../pad-session.ts';
import type { PadEvent } from '../pad-event.ts';
import { parseSavedPad } from '../saved-pad.ts';
import { ProtocolError } from '../server-frame.ts';
import type { ModelConnection, ModelServer } from './model-server.ts';

export class SimulatedClient {
  session: PadSession;
  screen = '';
  protocolErrors = 0;
  readonly events: PadEvent[] = [];
  connection: ModelConnection | null = null;
  /** Broken connections of which the server may yet read something. */
  lingering: ModelConnection[] = [];
  readonly #server: ModelServer;
  #saved = '';

  constructor(server: ModelServer, name: string) {
    this.#server = server;
    this.session = createPadSession({ sessionId: name.padEnd(22, '-') });
    this.#save();
  }

  connect(): void {
    if (this.connection?.isOpen) return;
    if (this.connection !== null) this.#perform(this.session.disconnected());
    this.connection = this.#server.connect();
    this.#perform(this.session.connected());
  }

  disconnect({ lingers = false } = {}): void {
    const { connection } = this;
    if (connection === null) return;
    this.#server.disconnect(connection, { lingers });
    if (lingers) this.lingering.push(connection);
    this.connection = null;
    this.#perform(this.session.disconnected());
  }

  /** The tab is closed, and opened again with what was kept. */
  reload(): void {
    this.disconnect();
    for (const connection of this.lingering) this.#server.disconnect(connection);
    this.lingering = [];
    this.restore(this.#saved);
  }

  /** Goes on from a copy that `kept` made, however old. */
  restore(kept: string): void {
    this.session = createPadSession({ sessionId: 'unused', saved: parseSavedPad(JSON.parse(kept)) });
    this.screen = this.session.text;
    this.#save();
  }

  get kept(): string {
    return this.#saved;
  }

  edit(operation: Operation): void {
    this.screen = applyOperation(this.screen, operation);
    this.#perform(this.session.edit(operation));
  }

  /** The server reads one frame, or one arrives here. */
  step(random: Random): void {
    const { connection } = this;
    if (connection === null) return;
    if (random.boolean() && connection.inbox.length > 0) this.#server.read(connection);
    else this.receive();
  }

  receive(): void {
    const frame = this.connection?.outbox.shift();
    if (frame === undefined) return;
    try {
      this.#perform(this.session.receive(frame));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.protocolErrors++;
      assert.equal(this.session.text, this.screen, 'a refused frame has changed something');
      this.disconnect();
    }
  }

  /** Until nothing is on its way. */
  settle(): void {
    while (this.connection !== null && this.connection.inbox.length + this.connection.outbox.length > 0) {
      this.#server.read(this.connection);
      this.receive();
    }
  }

  #perform({ send, change, events }: Effects): void {
    if (change !== null) this.screen = applyOperation(this.screen, change);
    assert.equal(this.session.text, this.screen);
    this.events.push(...events);
    this.#save();
    if (this.connection?.isOpen) this.connection.inbox.push(...send);
  }

  #save(): void {
    this.#saved = JSON.stringify(this.session.save());
  }
}
