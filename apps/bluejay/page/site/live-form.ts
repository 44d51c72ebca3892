/** Sends a form and puts the answer where the form was, so that the page around it stays as it is. */
import { guardForms } from './guarded-form.ts';

/** To be called after `guardForms`: whose forms wait for their proof before they are sent. */
export const startLiveForms = (root: ParentNode): void => {
  for (const form of root.querySelectorAll<HTMLFormElement>('form[data-live-form]')) start(form);
};

const start = (form: HTMLFormElement): void => {
  const place = form.closest<HTMLElement>('[data-form-place]');
  if (place === null) return;
  let isSending = false;
  form.addEventListener('submit', (event) => {
    // The proof is not done yet; the form is sent again when it is.
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    form.setAttribute('aria-busy', 'true');
    void send(form, event.submitter)
      .then((text) => {
        if (text === undefined) say(form, 'This could not be sent just now. Please try again, or call us.');
        else replace(place, text);
      })
      .finally(() => {
        isSending = false;
        form.removeAttribute('aria-busy');
      });
  });
};

/** The answer; undefined when there was none, or none for this place. */
const send = async (form: HTMLFormElement, button: HTMLElement | null): Promise<string | undefined> => {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) if (typeof value === 'string') body.append(name, value);
  try {
    const answer = await fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true' } });
    const isOurs = answer.headers.get('content-type')?.startsWith('text/html') === true;
    return isOurs && (answer.ok || answer.status === 400 || answer.status === 429) ? await answer.text() : undefined;
  } catch (error) {
    // No network.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
};

const replace = (place: HTMLElement, text: string): void => {
  // The server's own fragment; its texts are escaped there.
  place.innerHTML = text;
  guardForms(place);
  startLiveForms(place);
  const target = place.querySelector<HTMLElement>('[data-form-focus]');
  target?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: 'center' });
};

const say = (form: HTMLFormElement, text: string): void => {
  const present = form.querySelector<HTMLElement>('.form-unsent');
  const note = present ?? document.createElement('p');
  note.className = 'form-error form-unsent';
  note.setAttribute('role', 'alert');
  note.textContent = text;
  if (present === null) form.prepend(note);
};
