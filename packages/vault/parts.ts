/** A body in pieces of that size, the last one smaller; one empty piece for an empty body. */
export async function* cutInParts(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  partBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    for (let at = 0; at === 0 || at < body.length; at += partBytes) yield body.subarray(at, at + partBytes);
    return;
  }
  let chunks: Uint8Array[] = [];
  let held = 0;
  let given = false;
  for await (const chunk of body) {
    signal?.throwIfAborted();
    let rest = chunk;
    while (held + rest.length >= partBytes) {
      const fits = partBytes - held;
      chunks.push(rest.subarray(0, fits));
      yield Buffer.concat(chunks, partBytes);
      given = true;
      rest = rest.subarray(fits);
      chunks = [];
      held = 0;
    }
    // A copy: whoever gave the chunk may use its memory again.
    if (rest.length > 0) chunks.push(Uint8Array.from(rest));
    held += rest.length;
  }
  if (held > 0 || !given) yield Buffer.concat(chunks, held);
}
