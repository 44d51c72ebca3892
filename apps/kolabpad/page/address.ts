/** Where the page stands: which document, with which token, and every address that follows from it. Pure. */

export type PadAddress = { readonly id: string; readonly token: string | null };

/** Null for a hash that names no document. The hash is as `location.hash` gives it: with `#`, or empty. */
export function parseHash(hash: string): PadAddress | null {
  const [encodedId = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const id = decode(encodedId);
  if (id === '') return null;
  const token = new URLSearchParams(query).get('otp');
  return { id, token: token === '' ? null : token };
}

export const renderHash = ({ id, token }: PadAddress): string =>
  `#${encodeURIComponent(id).replaceAll('%2F', '/')}${token === null ? '' : `?otp=${encodeURIComponent(token)}`}`;

/** A link as one gives it to others. `page`: the address of the page, with or without a hash. */
export function renderLink(page: string, address: PadAddress): string {
  const url = new URL(page);
  url.hash = renderHash(address);
  url.search = '';
  return url.href;
}

/** `path` is relative to the page: whatever is before it (a domain, a folder, a proxy) is the same for both. */
export function apiUrl(page: string, path: string): string {
  const url = new URL(`api/${path}`, page);
  url.hash = '';
  return url.href;
}

export function socketUrl(page: string, id: string): string {
  const url = new URL(apiUrl(page, `socket/${encodeURIComponent(id)}`));
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // "100%" is no encoding of anything: it is meant as it stands.
    return text;
  }
}
