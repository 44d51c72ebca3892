/** Keeps what is typed on the server while it is typed, and never lets a form go where it would be lost. */
import { type AutosaveRule, createAutosaveRule, type Kept } from './autosave-rule.ts';

/** Longer than that a save does not wait for the copy of what is being saved. */
const PATIENCE_MS = 8_000;
/** What a proxy says while the site behind it is not there. */
const AWAY = new Set([502, 503, 504]);
/** Browsers finish requests of pages that are closed, up to 64 KiB. */
const KEPT_ALIVE_BYTES = 60_000;

/** For every form with `data-record-form`. Does nothing for the inputs themselves: what stands in them is only ever sent. */
export const startAutosave = (root: ParentNode): void => {
  for (const form of root.querySelectorAll<HTMLFormElement>('form[data-record-form]')) keepTyping(form);
};

const keepTyping = (form: HTMLFormElement): void => {
  const address = form.dataset['workingCopyAddress'];
  if (address === undefined || form.querySelector('button[type="submit"]') === null) return;
  const status = form.querySelector<HTMLElement>('[data-autosave-status]');
  const rule = createAutosaveRule({
    sequence: Number(form.dataset['sequence'] ?? 0),
    now: () => Date.now(),
    send: (sequence) => sendCopy(form, address, sequence),
    later(run, delayMs) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    show(kept) {
      if (status !== null) showKept(status, form, kept);
    },
  });
  const typed = (): void => rule.typed();
  form.addEventListener('input', typed);
  form.addEventListener('change', typed);
  form.addEventListener('focusout', () => void rule.flush());
  document.addEventListener('visibilitychange', () => {
    // Back from logging in, in another window: what is still waiting goes now.
    void rule.flush();
  });
  holdSubmit(form, rule);
};

/** A save is sent when its text is safe: a session that ended or a server that is away would lose it, and the page with it. */
const holdSubmit = (form: HTMLFormElement, rule: AutosaveRule): void => {
  let isSafe = false;
  form.addEventListener('submit', (event) => {
    if (isSafe) return;
    event.preventDefault();
    const button = event.submitter;
    rule.typed();
    const patience = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS, undefined));
    void Promise.race([rule.flush(), patience]).then((kept) => {
      if (kept?.outcome === 'signedOut' || kept?.outcome === 'offline') return;
      isSafe = true;
      rule.stop();
      form.dispatchEvent(new CustomEvent('bluejay:leaving'));
      form.requestSubmit(button);
    });
  });
  // Back, with the browser's button, in the page that was saved: it is an older version by now.
  addEventListener('pageshow', (event) => {
    if (event.persisted && isSafe) location.reload();
  });
};

const sendCopy = async (form: HTMLFormElement, address: string, sequence: number): Promise<Kept> => {
  try {
    const first = await post(form, address, sequence);
    // The token belongs to a session: whoever logged in again, in another window, has a new one.
    const response = first.status === 403 && (await renewToken(form, address)) ? await post(form, address, sequence) : first;
    if (isSignedOut(response)) return { outcome: 'signedOut' };
    if (!response.ok) return { outcome: AWAY.has(response.status) ? 'offline' : 'refused' };
    const answer = (await response.json()) as { savedAt: string; version: number };
    return { outcome: 'kept', savedAt: answer.savedAt, version: answer.version };
  } catch {
    // fetch only throws when nothing came back.
    return { outcome: 'offline' };
  }
};

const post = (form: HTMLFormElement, address: string, sequence: number): Promise<Response> => {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
  body.set('sequence', String(sequence));
  const token = form.querySelector<HTMLInputElement>('input[name="_csrf"]')?.value ?? '';
  const headers = { Accept: 'application/json', 'X-CSRF-Token': token };
  const keepalive = body.toString().length < KEPT_ALIVE_BYTES;
  return fetch(address, { method: 'POST', body, headers, redirect: 'manual', keepalive });
};

const renewToken = async (form: HTMLFormElement, address: string): Promise<boolean> => {
  const response = await fetch(address, { headers: { Accept: 'application/json' }, redirect: 'manual' });
  if (!response.ok) return false;
  const { csrf } = (await response.json()) as { csrf: string };
  for (const input of form.ownerDocument.querySelectorAll<HTMLInputElement>('input[name="_csrf"]')) input.value = csrf;
  return true;
};

/** Redirected to the login page, or told so. */
const isSignedOut = (response: Response): boolean => response.type === 'opaqueredirect' || response.status === 401;

const showKept = (status: HTMLElement, form: HTMLFormElement, kept: Kept): void => {
  if (kept.outcome === 'kept') {
    const began = Number(form.querySelector<HTMLInputElement>('input[name="version"]')?.value ?? 0);
    const time = new Date(kept.savedAt).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
    status.textContent = `Draft kept ${time}.${
      kept.version > began ? ' Somebody saved this meanwhile: when you save, you see both texts.' : ''
    }`;
    return;
  }
  if (kept.outcome === 'signedOut') {
    // Pressing the mouse on the link takes the focus from the form, which tries to save once more: the link is still needed when
    // the mouse is let go.
    if (status.querySelector('a') !== null) return;
    const link = Object.assign(document.createElement('a'), {
      href: `/admin/login?next=${encodeURIComponent(form.dataset['editAddress'] ?? '/admin')}`,
      target: '_blank',
      rel: 'noopener',
      textContent: 'Log in in a new window',
    });
    status.replaceChildren('You are not logged in any more. What you typed is still here. ', link, ', then save again.');
    return;
  }
  status.textContent =
    kept.outcome === 'offline'
      ? 'Not kept: the server does not answer. What you typed is still here; it is tried again.'
      : 'This could not be kept. What you typed is still here: save it.';
};
