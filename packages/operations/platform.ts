import type { Readable } from 'node:stream';
import type { Commit } from '@berth/core';
import type {
  AppStatus,
  Certificate,
  CertificateCheck,
  Drill,
  Event,
  LogLine,
  Operation,
  PlatformSettings,
  PlatformStatus,
  Receipt,
  Release,
  RunFrame,
  SecretEntry,
  TargetCheck,
  TargetStatus,
  TimeLine,
  WrittenKit,
} from '@berth/protocol';
import type { Rotation } from './secret-rotation.ts';

/** All that a client may ask of a running platform. The HTTP API is a thin layer over this and over nothing else. */
export interface Platform {
  status(): Promise<PlatformStatus>;
  settings(): PlatformSettings;
  /** Takes effect before it resolves; a busy port is refused and the old settings stay. */
  changeSettings(changes: Partial<PlatformSettings>): Promise<PlatformSettings>;

  app(app: string): Promise<AppStatus>;
  releases(app: string): readonly Release[];
  receipts(app: string): readonly Receipt[];
  /** Without a number the newest. Throws RECEIPT_NOT_FOUND. */
  receipt(app: string, operation?: number): Receipt;

  /**
   * `source` is a tar stream compressed with zstd. Resolves once it is stored, its manifest valid and the operation queued.
   * `directory`: the app's own in the source, where that is more than the app; relative and in its shortest form.
   * `commit`: what the source was made from.
   */
  deploy(source: Readable, request: DeployRequest): Promise<Operation>;
  /** `withData`: the data too goes back to what it was before the first release after that one. */
  rollback(app: string, request: { by: string; to?: number; withData: boolean }): Operation;
  restart(app: string, request: { by: string; service?: string }): Operation;
  scale(app: string, request: { by: string; services: Readonly<Record<string, number>> }): Operation;
  stop(app: string, request: { by: string }): Operation;
  start(app: string, request: { by: string }): Operation;
  remove(app: string, request: { by: string; purge: boolean }): Operation;

  operation(id: number): Operation;
  operations(filter: { app?: string; limit?: number }): readonly Operation[];
  /** A request: the operation ends as `cancelled` when it could still be undone, else it goes on. */
  cancel(id: number): Operation;

  /** Ends by itself without `follow`; with `operation`, also after that operation's last event. */
  events(query: { since?: number; app?: string; operation?: number; follow: boolean }, signal: AbortSignal): AsyncIterable<Event>;
  logs(app: string, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;

  environment(app: string): Readonly<Record<string, string>>;
  /** null removes. Queues a `configure` operation, which makes a new release when the app runs. */
  changeEnvironment(app: string, request: { by: string; changes: Readonly<Record<string, string | null>> }): Operation;
  /** Values only with `reveal`, which is written to the audit log. */
  secrets(app: string, request: { by: string; reveal: boolean }): Promise<readonly SecretEntry[]>;
  changeSecrets(
    app: string,
    request: { by: string; set: Readonly<Record<string, string | null>>; generate: readonly string[] } & Partial<Rotation>,
  ): Promise<Operation>;

  /** A command in the environment of the release that serves; ended when `signal` aborts. */
  run(
    app: string,
    request: { by: string; argv: readonly string[]; stdin: Readable | null },
    signal: AbortSignal,
  ): AsyncIterable<RunFrame>;

  targets(): Promise<readonly TargetStatus[]>;
  /** null: none was ever written. */
  lastKit(): WrittenKit | null;
  /** Tried out by writing and reading, then sent all that there is. Throws TARGET_REFUSED with what did not hold. */
  addTarget(request: AddTargetRequest): Promise<{ target: TargetStatus; checks: readonly TargetCheck[] }>;
  removeTarget(target: string, request: { by: string }): Promise<void>;
  /** The recovery kit, and the targets that it leads to. */
  kit(request: { by: string }): Promise<{ kit: string; targets: readonly string[] }>;
  backup(app: string, request: { by: string; label?: string }): Operation;
  timeLine(app: string): Promise<TimeLine>;
  /** Either `at`, ISO 8601, or `to`, a restore point such as p12. With `into` the app goes on as it is. */
  restore(app: string, request: RestoreAppRequest): Operation;
  drill(app: string, request: { by: string; target?: string }): Operation;
  drills(app: string): readonly Drill[];

  certificates(): Promise<readonly Certificate[]>;
  setCertificate(host: string, request: { by: string; chain: string; key: string }): Promise<Certificate>;
  /** Asks the public authority now; resolves once the certificate is served, and throws why there is none. */
  renewCertificate(host: string, request: { by: string }): Promise<Certificate>;
  checkCertificate(host: string): Promise<CertificateCheck>;
  removeCertificate(host: string, request: { by: string }): Promise<void>;

  /** Prometheus text format 0.0.4. */
  metrics(): Promise<string>;
  /** Ends the daemon; with `everything`, first all instances and the edge. */
  shutdown(what: { everything: boolean }): void;
}

export type DeployRequest = { by: string; force: boolean; directory?: string; commit?: Commit };

export type AddTargetRequest = {
  by: string;
  url: string;
  name?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** The vault there belongs to another machine, which is lost. */
  takeOver: boolean;
};

export type RestoreAppRequest = {
  by: string;
  at?: string;
  to?: string;
  stores?: readonly string[];
  into?: string;
  target?: string;
};

export type LogQuery = {
  follow: boolean;
  /** ISO 8601. */
  since?: string;
  /** Regular expression (JavaScript), matched against the text. */
  grep?: string;
  level?: 'debug' | 'info' | 'warn' | 'error';
  instance?: string;
  service?: string;
  /** Newest lines only; default 200 when neither `since` nor `grep` is given. */
  tail?: number;
};
