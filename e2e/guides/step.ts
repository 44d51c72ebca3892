/** What a guide makes its reader do, and how that is replayed. */

export type Typed = { readonly code: number; readonly output: string };

/** Where a guide is replayed: a platform on which the guide's app may be deployed. */
export type Place = {
  /** `process`: this machine, with plain processes. `machine`: a machine of its own, with systemd, after `berth server add`. */
  readonly kind: 'process' | 'machine';
  /** In a shell of root, in the directory of the app's source. Resolves however it ends; what it printed on both outputs is one text. */
  type(command: string): Promise<Typed>;
  /** What a command can name in braces, as `{database}`; steps may add to it. */
  readonly facts: Map<string, string>;
  /** A file of the app's source, written anew. */
  write(file: string, text: string): Promise<void>;
  /** Where a visitor asks: through the edge, over TLS, with the certificate of its authority. */
  readonly visitor: { readonly address: string; readonly port: number; readonly host: string; readonly authority: string };
};

export type GuideApp = {
  readonly app: string;
  /** Of its source, with its `berth.yaml`, somewhere in `repository`. */
  readonly directory: string;
  readonly repository: string;
  /** The port that the guide prints, and the one that the app has here: stories may run beside each other. */
  readonly port: { readonly printed: number; readonly here: number };
  /** The database's file below the app's stores. */
  readonly database: string;
};

export type Replay = {
  /** `word for word`: as the guide prints it. `equivalent`: what Berth has in its place. */
  readonly as: 'word for word' | 'equivalent';
  readonly command: string;
  /** `machine`: only where systemd runs the app and the whole machine is Berth's. `tools`: what a bare machine has not. */
  readonly needs?: 'machine' | 'tools';
  /** Exit code, unless 0. */
  readonly code?: number;
  /** How long the command is repeated until what it shows is as it shall be; once unless given. */
  readonly withinMs?: number;
  /** What stands in the output, or throws; it may note facts for later steps. */
  readonly shows: RegExp | readonly RegExp[] | ((output: string, place: Place) => void);
  /** What somebody else does before, as a visitor who types; disposed of after the step. */
  readonly meanwhile?: (place: Place) => Promise<AsyncDisposable>;
};

export type Step = {
  /** Unique in its guide; requirements name it. */
  readonly id: string;
  readonly heading: string;
  /** What the guide does, in our words. */
  readonly guide: string;
  /** `left`: why it is not replayed. */
  readonly replay: Replay | { readonly left: string };
};
