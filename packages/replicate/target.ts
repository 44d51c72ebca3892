/** Where replicas go. Small on purpose: what an object store can do without rename, append or trustworthy listings. */
export interface Target {
  /** For messages and logs; holds no secret. */
  readonly description: string;
  /**
   * Stores an object whole or not at all; resolves once it would survive a crash of the target's machine. With `ifAbsent` an
   * existing object stays and TARGET_EXISTS is thrown: that is how a second writer is fenced off.
   */
  put(name: string, body: Uint8Array | AsyncIterable<Uint8Array>, options: PutOptions): Promise<void>;
  /** Throws TARGET_OBJECT_MISSING. `from` and `length` in bytes ask for a part. */
  get(name: string, options: GetOptions): Promise<AsyncIterable<Uint8Array>>;
  /** Names that begin with the prefix, in no order that may be relied on, and possibly a moment late. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<{ readonly name: string; readonly bytes: number }>;
  /** What is absent already is no error. */
  delete(names: readonly string[], signal?: AbortSignal): Promise<void>;
}

export type PutOptions = { readonly ifAbsent?: boolean; readonly signal?: AbortSignal };
export type GetOptions = { readonly from?: number; readonly length?: number; readonly signal?: AbortSignal };
