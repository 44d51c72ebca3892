/** Requests of the panel's scripts: with the token of the session, answered by fragments. */

/** Throws when the answer is not a success; the message is the server's own sentence, if it has one. */
export const send = async (address: string, body: URLSearchParams | object): Promise<string> => {
  const isForm = body instanceof URLSearchParams;
  const answer = await fetch(address, {
    method: 'POST',
    headers: {
      ...HEADERS,
      'X-CSRF-Token': document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '',
      'Content-Type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
    },
    body: isForm ? body.toString() : JSON.stringify(body),
  });
  return textOf(answer);
};

export const load = async (address: string, signal?: AbortSignal): Promise<string> =>
  textOf(await fetch(address, { headers: HEADERS, ...(signal !== undefined && { signal }) }));

const HEADERS = { 'HX-Request': 'true' };

const textOf = async (answer: Response): Promise<string> => {
  const text = await answer.text();
  if (answer.ok && !answer.redirected) return text;
  const said = new DOMParser().parseFromString(text, 'text/html').querySelector('.notice')?.textContent;
  throw new Error(said ?? `The server answered ${answer.status}.`);
};
